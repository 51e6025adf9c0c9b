package dev.skald.cli;

/** Where help shows options that do not come in the order in which they are declared, which is 0 for all others. */
final class Order {
    /** What few people need. */
    static final int EXPERT = 1;

    /** What all commands have. */
    static final int COMMON = 2;

    private Order() {}
}
