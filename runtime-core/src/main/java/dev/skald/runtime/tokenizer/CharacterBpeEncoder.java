package dev.skald.runtime.tokenizer;

/**
 * BPE over characters, as in Gemma 4's vocabulary. A word is a whole line, in which a space is written {@link
 * SpmEncoder#SPACE_MARK}, and neighbours merge in the order of the list of merges. What is not a token in the end becomes its
 * bytes.
 */
final class CharacterBpeEncoder implements FragmentEncoder {
    private final Vocabulary vocabulary;
    private final PreTokenizer preTokenizer;
    private final MergeList merges;
    private final ByteTokens bytes;

    CharacterBpeEncoder(Vocabulary vocabulary, PreTokenizer preTokenizer, MergeList merges, int unknown) {
        this.vocabulary = vocabulary;
        this.preTokenizer = preTokenizer;
        this.merges = merges;
        this.bytes = new ByteTokens(vocabulary, unknown);
    }

    @Override
    public void encode(String fragment, boolean first, IntList ids) {
        String text = fragment.replace(' ', SpmEncoder.SPACE_MARK);
        PairMerges.Work work = merges.newWork();
        int begin = 0;
        for (int end : preTokenizer.split(text)) {
            encodeWord(text.substring(begin, end), work, ids);
            begin = end;
        }
    }

    private void encodeWord(String word, PairMerges.Work work, IntList ids) {
        if (word.charAt(0) == '\n' && preTokenizer.has(PreTokenizer.Trait.WHOLE_BREAKS_FIRST)) {
            int id = vocabulary.textId(word);
            if (id >= 0) {
                ids.add(id);
                return;
            }
        }
        int[] characters = word.codePoints().toArray();
        work.clear();
        for (int character : characters) {
            work.add(merges.knownSymbol(Character.toString(character)));
        }
        work.merge();
        for (int i = 0; i < work.count(); i = work.next(i)) {
            int symbol = work.symbol(i);
            if (symbol >= 0 && symbol < vocabulary.size()) {
                ids.add(symbol);
            } else if (symbol >= 0) {
                bytes.add(merges.text(symbol), ids);
            } else {
                bytes.add(Character.toString(characters[i]), ids);
            }
        }
    }

    @Override
    public boolean prefixesSpace() {
        return false;
    }

    @Override
    public String description() {
        return "BPE over characters with " + merges.size() + " merges";
    }
}
