package dev.skald.runtime.arch;

import dev.skald.runtime.layer.Pass;

/** A forward pass through a network's layers, from the tokens of a batch to their logits. Holds weights, and nothing that changes. */
interface Forward {
    void compute(Pass p);
}
