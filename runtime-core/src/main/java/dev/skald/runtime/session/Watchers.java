package dev.skald.runtime.session;

import dev.skald.runtime.calibration.InputListener;
import java.util.function.BooleanSupplier;

/**
 * Observers of a session's computation.
 *
 * @param cancelled asked between layers
 * @param listener gets the inputs of matrices; null for none
 */
record Watchers(BooleanSupplier cancelled, InputListener listener) {}
