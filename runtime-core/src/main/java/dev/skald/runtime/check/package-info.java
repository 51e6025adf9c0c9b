/** Checks of arguments. */
package dev.skald.runtime.check;
