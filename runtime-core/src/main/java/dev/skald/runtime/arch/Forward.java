package dev.skald.runtime.arch;

import dev.skald.runtime.layer.Pass;

/** A forward pass through a network's layers, from the tokens of a batch to logits. It holds weights and no changing state. */
interface Forward {
    void compute(Pass p);
}
