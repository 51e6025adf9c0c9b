package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pieces come back as they were, and are found. */
class VocabularyTest {
    private static Vocabulary of(List<String> pieces) {
        return TestFiles.with(
                Map.of("tokenizer.ggml.tokens", pieces),
                metadata -> Vocabulary.read(metadata, Set.of("<eos>"), BpeEncoder::bytes));
    }

    @Test
    void findsEachOfManyPieces() {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            pieces.add(Integer.toString(i, 36));
            pieces.add("Ġ" + i);
        }
        Vocabulary vocabulary = of(pieces);
        assertEquals(pieces.size(), vocabulary.size());
        for (int id = 0; id < pieces.size(); id++) {
            assertEquals(pieces.get(id), vocabulary.piece(id));
            assertEquals(id, vocabulary.id(pieces.get(id)), pieces.get(id));
            assertEquals(-1, vocabulary.id("-" + pieces.get(id)));
        }
    }

    @Test
    void findsWholePiecesOnly() {
        List<String> pieces = List.of("ab", "c", "?", "日本", "🙂", "\u0000", "é");
        Vocabulary vocabulary = of(pieces);
        for (String piece : pieces) {
            assertEquals(piece, vocabulary.piece(vocabulary.id(piece)));
        }
        // The last one is half of a character, which a charset would replace by a question mark.
        for (String other : List.of("", "a", "b", "abc", "bc", "日", "本", "🙂\u0000", "e", "\uD83D")) {
            assertEquals(-1, vocabulary.id(other), other);
        }
    }

    @Test
    void keepsWhatBelongsToAPiece() {
        Vocabulary vocabulary = of(List.of("a", "<eos>", "Ġb"));
        assertEquals(TokenKind.CONTROL, vocabulary.kind(1));
        assertEquals(TokenKind.NORMAL, vocabulary.kind(2));
        assertEquals(0, vocabulary.score(2));
        assertArrayEquals(new byte[] {' ', 'b'}, vocabulary.bytes(2));
    }
}
