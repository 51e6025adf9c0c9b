package dev.skald.kernels.machine;

/**
 * The address of a machine-code kernel. The JVM's crash report (hs_err) contains the address of the instruction, but no
 * name for code that the JVM did not compile.
 *
 * @param name the purpose of the kernel
 * @param address the address of its first byte in this process
 * @param bytes its length in bytes
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
