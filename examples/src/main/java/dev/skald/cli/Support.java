package dev.skald.cli;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.QuantFormat;
import dev.skald.kernels.QuantFormats;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What Skald can do with a file, and what stands in the way of more.
 *
 * @param can sentences about what works
 * @param missing sentences about what does not, and why
 */
record Support(List<String> can, List<String> missing) {
    static Support of(GgufFile gguf) {
        List<String> can = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Set<GgmlType> unread = EnumSet.noneOf(GgmlType.class);
        for (TensorInfo tensor : gguf.tensors()) {
            if (QuantFormats.find(tensor.type()).isEmpty()) {
                unread.add(tensor.type());
            }
        }
        if (gguf.tensors().isEmpty()) {
            missing.add("the file has no tensors: a vocabulary only");
        } else if (unread.isEmpty()) {
            can.add("read every tensor");
        } else {
            missing.add("no kernels for " + unread + "; there are kernels for "
                    + QuantFormats.all().stream().map(QuantFormat::type).toList());
        }
        return new Support(can, missing);
    }
}
