package dev.skald.cli;

/** The order of options in the help; options without an order have 0, and keep the order in which they are declared. */
final class Order {
    /** Options that few people need. */
    static final int EXPERT = 1;

    /** Options of all commands. */
    static final int COMMON = 2;

    private Order() {}
}
