package dev.skald.cli;

import picocli.CommandLine.IVersionProvider;

/** The answer to {@code skald --version}. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Skald.class.getPackage().getImplementationVersion();
        return new String[] {
            "skald " + (version == null ? "(development build)" : version),
            "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + "), "
                    + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                    + Runtime.getRuntime().availableProcessors() + " processors"
        };
    }
}
