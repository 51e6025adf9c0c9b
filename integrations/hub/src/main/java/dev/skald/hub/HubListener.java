package dev.skald.hub;

/** Receives the progress of a download, on the thread that called the hub. */
public interface HubListener {
    /** A listener that does nothing. */
    HubListener NONE = new HubListener() {};

    /**
     * Called with information for the user, for example which of several files is downloaded.
     *
     * @param text one sentence
     */
    default void note(String text) {}

    /**
     * Called about five times a second while files arrive.
     *
     * @param progress the progress of the download
     */
    default void progress(HubProgress progress) {}

    /**
     * Returns whether to stop the download. It is called several times a second. An interrupt of the thread has the
     * same effect. The bytes that have arrived are kept, and the next download continues from there.
     *
     * @return true to stop the download with a {@link java.util.concurrent.CancellationException}
     */
    default boolean cancelled() {
        return false;
    }
}
