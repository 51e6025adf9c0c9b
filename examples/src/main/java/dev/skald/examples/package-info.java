/** Short programs, one idea each, to start from. Each takes a GGUF file and, if you like, a prompt. */
package dev.skald.examples;
