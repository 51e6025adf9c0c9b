package dev.skald.cli;

/** Marks the commands that multiply matrices, and so gain from the flags of {@code jvm.options}. */
interface Computes {}
