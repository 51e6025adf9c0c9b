package dev.skald.kernels.machine;

/**
 * Where a kernel of machine code is. The JVM's report of a crash (hs_err) names the address of the instruction; it knows no name
 * for code that it did not write itself.
 *
 * @param name what it does
 * @param address of its first byte, in this process
 * @param bytes how long it is
 */
public record KernelAddress(String name, long address, long bytes) {
    /**
     * For people.
     *
     * @return the address of the first byte, that behind the last, and the name
     */
    @Override
    public String toString() {
        return "0x%016x-0x%016x %s".formatted(address, address + bytes, name);
    }
}
