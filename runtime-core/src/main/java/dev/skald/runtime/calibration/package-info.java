/** Observing the inputs of a model's matrices while it reads a text. */
package dev.skald.runtime.calibration;
