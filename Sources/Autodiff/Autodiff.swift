// Autodiff: tensors that remember how they were made, the one table of ops, and the backward pass.
//
// It may use TensorCore and nothing else; it knows no model, no jet and no Lua. An op is declared once, as an OpSpec in
// Operations/: its formula, signature, arguments, forward rule, gradient rule and samples. The Lua functions, the help,
// the editor stubs and the contract tests are made from that entry. Broadcast reduction, accumulation, no-grad mode and
// the check that saved tensors are unchanged belong to the engine, never to an op.
//
// Rejected: gradient rules written in terms of recorded ops (gradients of gradients for free, but every step of a
// training loop would pay for recording twice), and rules as closures made by the forward pass (what they capture can
// be neither counted nor checked for in-place changes).
