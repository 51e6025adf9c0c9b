package dev.skald.runtime.session;

import dev.skald.runtime.calibration.InputListener;
import java.util.function.BooleanSupplier;

/**
 * Who looks on while a session computes.
 *
 * @param cancelled asked between layers
 * @param listener gets what matrices are multiplied by; null if nobody wants it
 */
record Watchers(BooleanSupplier cancelled, InputListener listener) {}
