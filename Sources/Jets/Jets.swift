// Jets: four-vectors, jet kinematics, selections, jet images, clustering, and the readers of jet files.
//
// It may use TensorCore, ArrayFiles, SystemServices and the C++ shim around FastJet. It knows no network, no loss and no Lua: the physics
// is testable without them. Momenta are read as they are stored (float32) and every formula runs in Float64.
//
// Rejected: dense images as the working form (1,600 values for about 35 active pixels); a four-vector object per constituent (an
// allocation in the innermost loop); dropping broken jets silently (a sample would shrink without a trace).
