// Models: layers, optimizers and the models of the two papers.
//
// It may use Autodiff (and TensorCore) and the measures of Evaluation; it knows no jets, no files and no Lua. A model
// offers encode, decode, forward, loss and scores; everything about a batch is one call into Swift, so that the script
// decides and the loops stay here.
