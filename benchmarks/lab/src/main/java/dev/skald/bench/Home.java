package dev.skald.bench;

import java.nio.file.Path;

/** The user's home, as a shell has it. */
public final class Home {
    private Home() {}

    /**
     * The folder that {@code ~} stands for.
     *
     * @return {@code $HOME}; where that says nothing, what the system knows of the user
     */
    public static Path folder() {
        String home = System.getenv("HOME");
        return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
    }
}
