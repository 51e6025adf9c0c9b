/** Looking at what a model computes with while it reads. */
package dev.skald.runtime.calibration;
