package dev.skald.cli;

public final class Skald {
    private Skald() {}

    public static void main(String[] args) {
        System.exit(2);
    }
}
