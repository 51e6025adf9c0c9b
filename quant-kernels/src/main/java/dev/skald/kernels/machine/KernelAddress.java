package dev.skald.kernels.machine;

/**
 * Where a machine-code kernel is. The JVM's crash report (hs_err) contains the address of the instruction, but no name for code
 * that the JVM did not compile.
 *
 * @param name what the kernel does
 * @param address of its first byte, in this process
 * @param bytes its length
 */
public record KernelAddress(String name, long address, long bytes) {
    /**
     * Formats it for people.
     *
     * @return the address of the first byte, that after the last one, and the name
     */
    @Override
    public String toString() {
        return "0x%016x-0x%016x %s".formatted(address, address + bytes, name);
    }
}
