package dev.skald.bench;

import java.nio.file.Path;

/** The user's home, as a shell finds it. */
public final class Home {
    private Home() {}

    /**
     * Returns the folder that {@code ~} stands for.
     *
     * @return {@code $HOME}; if it is not set, the user's home according to the system
     */
    public static Path folder() {
        String home = System.getenv("HOME");
        return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
    }
}
