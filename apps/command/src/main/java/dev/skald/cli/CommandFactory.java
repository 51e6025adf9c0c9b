package dev.skald.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Creates the subcommands, and passes {@link Streams} to those whose constructor takes it. */
record CommandFactory(Streams streams) implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (var constructor : type.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Streams.class) {
                return type.cast(constructor.newInstance(streams));
            }
        }
        return CommandLine.defaultFactory().create(type);
    }
}
