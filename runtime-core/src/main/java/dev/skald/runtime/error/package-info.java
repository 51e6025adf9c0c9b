/** What Skald throws beside the exceptions of Java. */
package dev.skald.runtime.error;
