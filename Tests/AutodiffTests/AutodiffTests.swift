import Testing

// Every test here shares the thread pool, the gradient mode and the random streams, so they run one after the other.
@Suite(.serialized) enum AutodiffTests {}
