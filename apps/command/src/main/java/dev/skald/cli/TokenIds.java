package dev.skald.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Token ids on the command line: a list with commas or spaces, as {@code skald tokenize} prints it. */
record TokenIds(List<Integer> ids) {
    int[] toArray() {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    static final class Converter implements ITypeConverter<TokenIds> {
        @Override
        public TokenIds convert(String value) {
            try {
                return new TokenIds(Arrays.stream(value.strip().split("[\\s,]+"))
                        .map(Integer::valueOf)
                        .toList());
            } catch (NumberFormatException noId) {
                throw new TypeConversionException("'" + value + "' is not a list of token ids such as 1,2,3");
            }
        }
    }
}
