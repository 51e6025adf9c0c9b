package dev.skald.hub;

/** Hears of a download, on the thread that called the hub. */
public interface HubListener {
    /** A listener that does nothing. */
    HubListener NONE = new HubListener() {};

    /**
     * Something that the user may want to know, such as which of several files is taken.
     *
     * @param text one sentence
     */
    default void note(String text) {}

    /**
     * Called about five times a second while files arrive.
     *
     * @param progress how far the download is
     */
    default void progress(HubProgress progress) {}

    /**
     * Asked several times a second. An interrupt of the thread has the same effect. What has arrived is kept, and the next call
     * continues from there.
     *
     * @return true to stop the download with a {@link java.util.concurrent.CancellationException}
     */
    default boolean cancelled() {
        return false;
    }
}
