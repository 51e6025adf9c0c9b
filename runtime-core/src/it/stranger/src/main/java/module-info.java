module stranger {
    requires dev.skald.runtime;
}
