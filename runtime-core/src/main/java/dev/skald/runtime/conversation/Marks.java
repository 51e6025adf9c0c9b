package dev.skald.runtime.conversation;

import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The names of a vocabulary's control tokens and other marks, collected once for a model. It is immutable. */
final class Marks {
    private final List<String> names = new ArrayList<>();
    private final BitSet firstCharacters = new BitSet();

    /** Collects the marks of the whole vocabulary. */
    Marks(Tokenizer tokenizer) {
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            if (tokenizer.isMark(id) && !tokenizer.piece(id).isEmpty()) {
                names.add(tokenizer.piece(id));
                firstCharacters.set(tokenizer.piece(id).charAt(0));
            }
        }
    }

    /** Returns whether a mark begins here. */
    boolean isAt(String text, int at) {
        return firstCharacters.get(text.charAt(at)) && names.stream().anyMatch(name -> text.startsWith(name, at));
    }
}
