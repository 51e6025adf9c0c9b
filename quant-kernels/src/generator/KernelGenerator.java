import dev.skald.kernels.pack.Packing.Field;
import dev.skald.kernels.pack.Packing.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes the kernels of packed matrices: the lines between {@code spotless:off} and {@code spotless:on} in {@code PackedDot},
 * {@code PackedSuperDot}, {@code PackedBatch}, {@code PackedSuperBatch} and {@code PackedPanel}. Compile the module first. Then
 * run this in its folder: {@code java -cp target/classes src/generator/KernelGenerator.java src/main/java/dev/skald/kernels/product}.
 *
 * <p>C2 compiles a kernel well only if the kernel is one flat method. Kernels differ in the codes that a word holds and in where
 * their scales come from, so each is written from a description of these two. A method serves one kind of scaling only. If it
 * served two, C2 would leave out the one that has not run yet, and discard the compiled method when that one runs.
 *
 * <p>Operations that differ in their shift only are written as a loop, which C2 unrolls. Without loops, some methods would have
 * more vector operations than C1 has virtual registers for (about 250), and a method that C1 refuses may never reach C2.
 */
public final class KernelGenerator {
    /** Fields of a word that share a shift, and the masks that select each of them after it. */
    private record Move(Field first, List<String> masks) {
        int shift() {
            return first.shift();
        }
    }

    /**
     * Fields of a word whose shifts rise or fall by the same step, with the masks of the one or two fields that share a shift.
     *
     * @param before how far the word is shifted down first
     * @param operator LSHL or LSHR, or null if there is no further shift
     */
    private record Fields(int before, int count, String operator, int first, int step, List<String> masks) {
        static Fields of(List<Move> moves) {
            Move first = moves.getFirst();
            Move last = moves.getLast();
            if (moves.size() == 1 && first.masks.size() > 1) {
                // Nothing else of the word is needed, so the shift may change the word itself.
                return new Fields(-first.shift(), 1, null, 0, 0, first.masks);
            }
            // If some fields go up and others down, the word is shifted down first, so that all go up.
            int before = first.shift() > 0 && last.shift() < 0 ? first.first.bit() : 0;
            int from = first.shift() + before;
            int step = moves.size() == 1 ? 0 : moves.get(1).shift() - first.shift();
            return from > 0
                    ? new Fields(before, moves.size(), "LSHL", from, step, first.masks)
                    : new Fields(before, moves.size(), "LSHR", -from, -step, first.masks);
        }

        int size() {
            return count * masks.size();
        }

        /** The same fields without a loop, one element for each shift. */
        List<Fields> flat() {
            return IntStream.range(0, count)
                    .mapToObj(k -> new Fields(k == 0 ? before : 0, 1, operator, first + k * step, 0, masks))
                    .toList();
        }

        String shifted(String word) {
            String by = count == 1 ? "" + first : first + (step < 0 ? " - " : " + ") + Math.abs(step) + " * k";
            return operator == null ? word : word + ".lanewise(" + operator + ", " + by + ")";
        }

        /** Returns the index of a field's float: fields have {@code unit} floats each, and {@code base} fields come before these. */
        String at(int unit, int base, int mask) {
            String k = count == 1 ? "" : " + " + (unit * masks.size() == 1 ? "" : unit * masks.size() + " * ") + "k";
            return "c" + k + plus(unit * (base + mask));
        }
    }

    /** A loop for kernels with few free registers: {@code count} times, it takes some fields and shifts the word down. */
    private record Turns(int count, int down, int[] ups, List<String> masks) {}

    /**
     * The codes that a word holds, as {@code Packing.Kind} describes them.
     *
     * @param masks names of the masks of its fields
     * @param turns the loops for four rows of activations, each as its number of turns and of fields in a turn
     * @param loops the loops for one row of activations, each as its number of shifts
     */
    private record Codes(Kind kind, String comment, List<String> masks, int[][] turns, int... loops) {
        String name() {
            return kind == Kind.TABLE4 ? "Table4" : "" + kind.bits();
        }

        boolean inMantissa() {
            return kind.inMantissa();
        }

        int size() {
            return kind.fields().size();
        }

        private String mask(Field field) {
            for (int i = 0; i < masks.size(); i++) {
                if (kind.masks()[i] == field.mask()) {
                    return masks.get(i);
                }
            }
            throw new AssertionError(field);
        }

        /** Returns the expression of a mask's value. */
        String value(int mask) {
            return inMantissa() ? "Masks.CODE" + name() + "[" + mask + "]" : "" + kind.masks()[mask];
        }

        List<Fields> fields() {
            List<Move> moves = new ArrayList<>();
            for (Field field : kind.fields()) {
                if (!moves.isEmpty() && moves.getLast().shift() == field.shift()) {
                    moves.getLast().masks.add(mask(field));
                } else {
                    moves.add(new Move(field, new ArrayList<>(List.of(mask(field)))));
                }
            }
            List<Fields> found = new ArrayList<>();
            for (int loop : loops) {
                found.add(Fields.of(moves.subList(0, loop)));
                moves.subList(0, loop).clear();
            }
            return found;
        }

        List<Turns> turnsOfWord() {
            List<Turns> found = new ArrayList<>();
            int first = 0;
            for (int[] turn : turns) {
                List<Field> of = kind.fields().subList(first, first + turn[1]);
                int low = of.getFirst().bit();
                int[] ups = of.stream().mapToInt(field -> field.shift() + low).toArray();
                int down = turn[0] == 1 ? 0 : of.stream().mapToInt(Field::width).sum();
                found.add(new Turns(turn[0], down, ups, of.stream().map(this::mask).toList()));
                first += turn[0] * turn[1];
            }
            return found;
        }
    }

    private static final Codes CODES8 =
            new Codes(Kind.BIT8, "8-bit codes; a word has 4", List.of("code"), new int[][] {{2, 2}}, 2, 2);

    private static final Codes CODES6 = new Codes(
            Kind.BIT6,
            "6-bit codes; a word has 5, and two bits of one more",
            List.of("code", "two"),
            new int[][] {{5, 1}, {1, 1}},
            3,
            2,
            1);

    private static final Codes CODES5 = new Codes(
            Kind.BIT5,
            "5-bit codes; a word has 6, and one bit of each of two more",
            List.of("code", "bit30", "bit31"),
            new int[][] {{6, 1}, {1, 2}},
            4,
            2,
            1);

    private static final Codes CODES4 =
            new Codes(Kind.BIT4, "4-bit codes; a word has 8", List.of("code"), new int[][] {{2, 4}}, 4, 4);

    private static final Codes CODES2 =
            new Codes(Kind.BIT2, "2-bit codes; a word has 16", List.of("low", "high"), new int[][] {{8, 2}}, 5, 3);

    private static final Codes TABLE4 = new Codes(
            Kind.TABLE4, "Table values of 4-bit codes; a word has 8", List.of("low"), new int[][] {{8, 1}}, 4, 4);

    /** Where scales come from, as in {@code Packing.Scaling}. A method's name ends in {@code suffix}. */
    private enum Scaling {
        F16("", "with half-precision scales"),
        BF16("BF16", "with bfloat16 scales"),
        F16_MIN("Min", "with half-precision scales and minima"),
        SUPER("", "with quantized scales"),
        SUPER_MIN("Min", "with quantized scales and minima");

        private final String suffix;
        private final String comment;

        Scaling(String suffix, String comment) {
            this.suffix = suffix;
            this.comment = comment;
        }

        boolean isSuper() {
            return this == SUPER || this == SUPER_MIN;
        }

        boolean hasMin() {
            return this == F16_MIN || this == SUPER_MIN;
        }
    }

    /** Returns the code that makes a float of the scale in a word's upper half. */
    private static String upper(Scaling scaling) {
        return (scaling == Scaling.BF16 ? "" : ".lanewise(ASHR, 3)") + ".lanewise(AND, half).reinterpretAsFloats()";
    }

    /** The code that makes a float of a scale of one byte, which becomes the float's mantissa. */
    private static final String BYTE =
            ".lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle)";

    private final StringBuilder out = new StringBuilder();
    private int depth = 1;

    /** Writes a line. A line that ends in a brace opens a block, and a line that begins with a brace closes it. */
    private void line(String text) {
        if (text.startsWith("}")) {
            depth--;
        }
        out.append("    ".repeat(depth)).append(text).append('\n');
        if (text.endsWith("{")) {
            depth++;
        }
    }

    /** Writes the lines four times, with 0 to 3 in place of #. */
    private void four(String... lines) {
        for (int i = 0; i < 4; i++) {
            for (String text : lines) {
                line(text.replace("#", "" + i));
            }
        }
    }

    private void zeros(String names) {
        for (String name : names.split("")) {
            four("FloatVector " + name + "# = FloatVector.zero(S);");
        }
    }

    private static String plus(int offset) {
        return offset == 0 ? "" : " + " + offset;
    }

    private static String load(String at) {
        return "IntVector.fromMemorySegment(I, w, " + at + ", LE)";
    }

    private static String broadcast(String value) {
        return "FloatVector.broadcast(S, " + value + ");";
    }

    /**
     * Writes what the loops need from the plane, and then the constants. Constants come last, because C2 would keep them on the
     * stack across a call that it does not inline.
     */
    private void prepare(Codes codes, Scaling scaling, boolean rows) {
        line("MemorySegment w = plane.data();");
        line("int words = plane.blockWords();");
        line("int run = plane.runWords();");
        if (scaling.isSuper()) {
            line("int unit = plane.unitShift();");
            line("int unitWords = plane.unitWords();");
        }
        if (rows) {
            line("long rowBytes = (long) plane.rowWords(blocks) * VECTOR;");
        }
        for (int i = 0; i < codes.masks.size(); i++) {
            line("IntVector " + codes.masks.get(i) + " = IntVector.broadcast(I, " + codes.value(i) + ");");
        }
        if (codes.inMantissa()) {
            line("IntVector one = IntVector.broadcast(I, Masks.ONE[0]);");
        }
        line("IntVector half = IntVector.broadcast(I, Masks." + (scaling == Scaling.BF16 ? "UPPER" : "HALF") + "[0]);");
        if (scaling.isSuper()) {
            if (!codes.inMantissa()) {
                line("IntVector one = IntVector.broadcast(I, Masks.ONE[0]);");
            }
            line("IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);");
            line("FloatVector middle = " + broadcast("1.5f"));
        }
    }

    /** Returns how many words of scales come before a block's codes. */
    private static String gaps(Scaling scaling) {
        return switch (scaling) {
            case F16, BF16 -> "b + 1 >> 1";
            case F16_MIN -> "b";
            case SUPER -> "(b + 3 >> 2) + (b >> unit)";
            case SUPER_MIN -> "2 * (b + 3 >> 2) + (b >> unit)";
        };
    }

    /** Returns the place of a block's scales. */
    private static String scalesAt(Scaling scaling) {
        return switch (scaling) {
            case F16, BF16 -> "(long) ((b >> 1) * run + words) * VECTOR";
            case F16_MIN -> "(long) (b * run + words) * VECTOR";
            case SUPER, SUPER_MIN -> "(long) ((b >> 2) * run + (b >> unit) + words) * VECTOR";
        };
    }

    private static final String SUPER_AT = "(long) (((b >> unit) + 1) * unitWords - 1) * VECTOR";

    /** Writes how far a block's scale has to be moved in its word. */
    private void turn(Scaling scaling) {
        if (scaling.isSuper()) {
            line("int turn = 15 - 8 * (b & 3);");
        } else if (!scaling.hasMin()) {
            line("int up = 16 - 16 * (b & 1);");
        }
    }

    private void head(Codes codes, Scaling scaling, String before, String after) {
        out.append('\n');
        line("/** " + codes.comment.replace(";", " " + scaling.comment + ";") + ". */");
        line("public static void dot" + codes.name() + scaling.suffix + "(Plane plane, " + before + ", float[] x, float[] rests, "
                + (scaling.hasMin() ? "float[] sums, " : "") + after + (codes.inMantissa() ? "" : ", int[] table") + ") {");
    }

    /** Writes a kernel for one row of activations, which reads four groups of rows of the matrix together. */
    private void dot(Codes codes, Scaling scaling) {
        head(codes, scaling, "long[] o, int blocks, int steps", "float result, float[] y, int yo, int apart");
        if (codes == TABLE4) {
            line("if (L < 16) {");
            line("PackedTable.dot(plane, o, blocks, steps, x, rests, result, y, yo, apart, table);");
            line("return;");
            line("}");
        }
        prepare(codes, scaling, true);
        if (codes == TABLE4) {
            line("IntVector values = IntVector.fromArray(I, table, 0);");
        }
        if (scaling.isSuper()) {
            line("int last = (1 << unit) - 1;");
        }
        four("long o# = o[#];");
        line("for (int q = 0; q < steps; q++) {");
        line("long top = q * rowBytes;");
        zeros(scaling.isSuper() ? scaling.hasMin() ? "yim" : "yi" : "y");
        line("for (int b = 0; b < blocks; b++) {");
        line("int gaps = " + gaps(scaling) + ";");
        zeros("a");
        line("for (int j = b * words; j < (b + 1) * words; j++) {");
        line("long at = top + (long) (j + gaps) * VECTOR;");
        line("int c = " + codes.size() + " * j;");
        four("IntVector w# = " + load("o# + at") + ";");
        // Without a loop where the method stays small and is faster for it: codes of 5 and 8 bits, and tables.
        boolean flat = (scaling == Scaling.F16 || scaling == Scaling.BF16) && codes != CODES4 && codes != CODES2;
        dotFields(
                codes,
                codes.fields().stream().flatMap(f -> flat ? f.flat().stream() : Stream.of(f)).toList());
        line("}");
        line("FloatVector rest = " + broadcast("rests[b]"));
        line("long at = top + " + scalesAt(scaling) + ";");
        turn(scaling);
        if (scaling.hasMin()) {
            line("FloatVector sum = " + broadcast("sums[4 * b]"));
        }
        dotScales(scaling);
        line("}");
        results();
    }

    /** Writes the results, and ends the loop over steps and the method. */
    private void results() {
        line("int to = yo + q * L;");
        line("y0.mul(result).intoArray(y, to);");
        line("y1.mul(result).intoArray(y, to + apart);");
        line("y2.mul(result).intoArray(y, to + 2 * apart);");
        line("y3.mul(result).intoArray(y, to + 3 * apart);");
        line("}");
        line("}");
    }

    private void dotFields(Codes codes, List<Fields> fields) {
        int base = 0;
        for (Fields f : fields) {
            open(f, "w0", "w1", "w2", "w3");
            boolean shared = f.masks.size() > 1 && f.operator != null;
            if (shared) {
                four("IntVector p# = " + f.shifted("w#") + ";");
            }
            for (int m = 0; m < f.masks.size(); m++) {
                String v = "v" + (f.count == 1 ? base + m : m == 0 ? "" : m);
                line("FloatVector " + v + " = " + broadcast("x[" + f.at(1, base, m) + "]"));
                String index = (shared ? "p#" : f.shifted("w#")) + ".lanewise(AND, " + f.masks.get(m) + ")";
                four("a# = " + index + (codes.inMantissa() ? ".lanewise(OR, one)" : ".selectFrom(values)")
                        + ".reinterpretAsFloats().fma(" + v + ", a#);");
            }
            close(f);
            base += f.size();
        }
    }

    private void open(Fields f, String... words) {
        if (f.before > 0) {
            for (String word : words) {
                line(word + " = " + word + ".lanewise(LSHR, " + f.before + ");");
            }
        }
        if (f.count > 1) {
            line("for (int k = 0; k < " + f.count + "; k++) {");
        }
    }

    private void close(Fields f) {
        if (f.count > 1) {
            line("}");
        }
    }

    private void dotScales(Scaling scaling) {
        String word = load("o# + at");
        switch (scaling) {
            case F16, BF16 -> four("y# = " + word + ".lanewise(LSHL, up)" + upper(scaling) + ".fma(a#.add(rest), y#);");
            case F16_MIN -> {
                four("y# = " + word + ".lanewise(LSHL, 16)" + upper(scaling) + ".fma(a#.add(rest), y#);");
                four("y# = " + word + upper(scaling) + ".fma(sum, y#);");
            }
            case SUPER -> {
                four("i# = " + word + BYTE + ".fma(a#.add(rest), i#);");
                line("if ((b & last) == last) {");
                line("at = top + " + SUPER_AT + ";");
                four("y# = " + word + ".lanewise(LSHL, 16)" + upper(scaling) + ".mul(256f).fma(i#, y#);");
                four("i# = FloatVector.zero(S);");
                line("}");
            }
            case SUPER_MIN -> {
                four("a# = a#.add(rest);");
                line("// The scale, then the minimum. Their sums change places in each turn, so after two they are back.");
                line("for (int k = 0; k < 2; k++) {");
                four("FloatVector s# = " + word + BYTE + ".fma(a#, i#);", "i# = m#;", "m# = s#;", "a# = sum;");
                line("at += VECTOR;");
                line("}");
                line("if ((b & last) == last) {");
                line("at = top + " + SUPER_AT + ";");
                line("for (int k = 0; k < 2; k++) {");
                line("float factor = 256f - 512f * k;");
                four(
                        "y# = " + word + ".lanewise(LSHL, 16 - 16 * k)" + upper(scaling) + ".mul(factor).fma(i#, y#);",
                        "i# = m#;",
                        "m# = FloatVector.zero(S);");
                line("}");
                line("}");
            }
        }
    }

    /**
     * Writes a kernel for four rows of activations, which decodes two groups of rows of the matrix once for all of them. It sums
     * in the same order as the kernel of {@link #dot}.
     */
    private void batch(Codes codes, Scaling scaling) {
        head(codes, scaling, "long o, long p, int blocks", "float[] ys, float[] zs");
        if (scaling.isSuper()) {
            // There are too few registers for the results, so they stay in memory while a unit's columns are summed.
            line("Arrays.fill(ys, 0, 4 * L, 0);");
            line("Arrays.fill(zs, 0, 4 * L, 0);");
        }
        prepare(codes, scaling, false);
        if (scaling.isSuper()) {
            line("for (int from = 0; from < blocks; from += 1 << unit) {");
            line("long top = " + SUPER_AT.replace("b >>", "from >>") + ";");
            if (scaling.hasMin()) {
                line("float[] terms = rests;");
                line("// The scales, then the minima, which are multiplied by the sums of activations only.");
                line("for (int k = 0; k < 2; k++) {");
            }
            zeros("sq");
            line("for (int b = from; b < from + (1 << unit); b++) {");
        } else {
            zeros("yz");
            line("for (int b = 0; b < blocks; b++) {");
        }
        zeros("ab");
        line("int gaps = " + gaps(scaling) + ";");
        boolean twice = scaling == Scaling.SUPER_MIN;
        line("for (int j = b * words; j < (b + 1" + (twice ? " - k" : "") + ") * words; j++) {");
        line("long at = (long) (j + gaps) * VECTOR;");
        line("int c = " + 4 * codes.size() + " * j;");
        line("IntVector v = " + load("o + at") + ";");
        line("IntVector u = " + load("p + at") + ";");
        batchFields(codes, twice ? "i" : "k");
        line("}");
        line("long at = " + scalesAt(scaling).replace("words)", twice ? "words + k)" : "words)") + ";");
        turn(scaling);
        batchScales(scaling);
        line("}");
        if (scaling.isSuper()) {
            scaleOfScales(twice ? "16 - 16 * k" : "16", twice ? "256f - 512f * k" : "256f");
            if (twice) {
                line("terms = sums;");
                line("}");
            }
            line("}");
        } else {
            store();
        }
        line("}");
    }

    private void store() {
        for (String name : List.of("y", "z")) {
            for (int t = 0; t < 4; t++) {
                line(name + t + ".intoArray(" + name + "s, " + lanes(t) + ");");
            }
        }
    }

    private static String lanes(int token) {
        return token == 0 ? "0" : token == 1 ? "L" : token + " * L";
    }

    private void batchFields(Codes codes, String counter) {
        int base = 0;
        for (Turns turns : codes.turnsOfWord()) {
            boolean loop = turns.count > 1;
            if (loop) {
                line("for (int # = 0; # < ".replace("#", counter) + turns.count + "; " + counter + "++) {");
            }
            for (int i = 0; i < turns.masks.size(); i++) {
                String n = "" + (base + i);
                String word = turns.ups[i] == 0 ? "" : ".lanewise(LSHL, " + turns.ups[i] + ")";
                line("FloatVector f" + n + " = " + batchValue(codes, "v" + word, turns.masks.get(i)));
                line("FloatVector g" + n + " = " + batchValue(codes, "u" + word, turns.masks.get(i)));
                for (int t = 0; t < 4; t++) {
                    String at = "c" + (loop ? " + " + 4 * turns.masks.size() + " * " + counter : "") + plus(4 * (base + i) + t);
                    line((t == 0 ? "FloatVector " : "") + "t" + n + " = " + broadcast("x[" + at + "]"));
                    line("a# = f@.fma(t@, a#);".replace("#", "" + t).replace("@", n));
                    line("b# = g@.fma(t@, b#);".replace("#", "" + t).replace("@", n));
                }
            }
            if (turns.down > 0) {
                line("v = v.lanewise(LSHR, " + turns.down + ");");
                line("u = u.lanewise(LSHR, " + turns.down + ");");
            }
            if (loop) {
                line("}");
            }
            base += turns.count * turns.masks.size();
        }
    }

    private static String batchValue(Codes codes, String word, String mask) {
        String index = word + ".lanewise(AND, " + mask + ")";
        return (codes.inMantissa() ? index + ".lanewise(OR, one)" : "PackedPanel.look(" + index + ", table)")
                + ".reinterpretAsFloats();";
    }

    private void batchScales(Scaling scaling) {
        switch (scaling) {
            case F16, BF16 -> times("", load("#") + ".lanewise(LSHL, up)" + upper(scaling), "yz", "rests");
            case F16_MIN -> {
                times("", load("#") + ".lanewise(LSHL, 16)" + upper(scaling), "yz", "rests");
                times("m", load("#") + upper(scaling), "yz", "sums");
            }
            case SUPER -> times("", load("#") + BYTE, "sq", "rests");
            case SUPER_MIN -> times("", load("#") + BYTE, "sq", "terms");
        }
    }

    /** Writes the code that adds a unit's sums, times the scale of their scales, to the results. */
    private void scaleOfScales(String up, String factor) {
        for (String[] g : new String[][] {{"y", "o", "s"}, {"z", "p", "q"}}) {
            String scale = load(g[1] + " + top") + ".lanewise(LSHL, " + up + ")" + upper(Scaling.SUPER) + ".mul(" + factor + ")";
            line("FloatVector " + g[0] + " = " + scale + ";");
            for (int t = 0; t < 4; t++) {
                String at = g[0] + "s, " + lanes(t);
                line(g[0] + ".fma(" + g[2] + t + ", FloatVector.fromArray(S, " + at + ")).intoArray(" + at + ");");
            }
        }
    }

    /** Writes the code that adds a block's sums times its scales, or a minimum's terms times its minima. */
    private void times(String m, String scale, String sums, String terms) {
        line("FloatVector d" + m + " = " + scale.replace("#", "o + at") + ";");
        line("FloatVector e" + m + " = " + scale.replace("#", "p + at") + ";");
        for (int t = 0; t < 4; t++) {
            String r = "r" + m + t;
            line("FloatVector " + r + " = " + broadcast(terms + "[4 * b" + plus(t) + "]"));
            for (String[] g : new String[][] {{sums.substring(0, 1), "d", "a"}, {sums.substring(1), "e", "b"}}) {
                String sum = m.isEmpty() ? g[2] + t + ".add(" + r + ")" : r;
                line(g[0] + t + " = " + g[1] + m + ".fma(" + sum + ", " + g[0] + t + ");");
            }
        }
    }

    /** Writes a method that decodes blocks into a panel, column by column, also codes that are spread over several words. */
    private void panel(Codes codes) {
        Kind kind = codes.kind;
        boolean ordered = kind.words() == 1;
        int whole = kind.columns() / kind.words();
        out.append('\n');
        String has = codes == TABLE4
                ? "4-bit codes, 8 a word, by a table"
                : kind.bits() + "-bit codes, " + whole + " a word" + (ordered
                        ? "; {@code order} has the column of each within its block, whose length is a power of two"
                        : " and " + (kind.columns() % kind.words() == 1 ? "one" : "two") + " spread over "
                                + (kind.words() == 3 ? "three" : "five") + " words");
        line("/** Decodes " + has + ". */");
        line("public static void " + (codes == TABLE4 ? "table4" : "codes" + kind.bits()) + "(Plane plane, long o, int blocks, "
                + (ordered ? "int[] order, " : "") + (codes == TABLE4 ? "int[] table, " : "")
                + "float[] ab, float[] panel, int po, int width) {");
        line("MemorySegment w = plane.data();");
        line("int words = plane.blockWords();");
        line("int runShift = plane.runShift();");
        line("int unit = plane.unitShift();");
        line("int scales = plane.scaling().runWords();");
        line("int tops = plane.scaling().unitWords();");
        if (codes == TABLE4) {
            line("IntVector low = IntVector.broadcast(I, " + codes.value(0) + ");");
        } else {
            int top = IntStream.range(0, kind.masks().length)
                    .filter(i -> kind.masks()[i] == kind.atTop(0, 0).mask())
                    .findFirst()
                    .orElseThrow();
            line("IntVector mask = IntVector.broadcast(I, " + codes.value(top) + ");");
            line("IntVector one = IntVector.broadcast(I, Masks.ONE[0]);");
        }
        if (ordered) {
            line("int block = order.length - 1;");
        }
        line("for (int b = 0; b < blocks; b++) {");
        line("FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);");
        line("FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);");
        line("int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;");
        if (ordered) {
            line("for (int j = b * words; j < (b + 1) * words; j++) {");
            line("int c = " + whole + " * j & block;");
            line("int from = po + (" + whole + " * j - c) * width;");
            line("IntVector v = " + load("o + (long) (j + gaps) * VECTOR") + ";");
            if (codes == TABLE4) {
                line("for (int k = 0; k < 8; k++) {");
                line("look(v.lanewise(AND, low), table)" + column("from + order[c + k] * width"));
                line("v = v.lanewise(LSHR, 4);");
                line("}");
            } else {
                for (int i = 0; i < whole; i++) {
                    line(code("v", kind.atTop(0, i), "mask", "one") + column("from + order[c" + plus(i) + "] * width"));
                }
            }
            line("}");
        } else {
            inSeveralWords(kind, whole);
        }
        line("}");
        line("}");
    }

    private void inSeveralWords(Kind kind, int whole) {
        int words = kind.words();
        line("for (int t = b * words; t < (b + 1) * words; t += " + words + ") {");
        line("int to = po + t / " + words + " * " + kind.columns() + " * width;");
        line("long at = o + (long) (t + gaps) * VECTOR;");
        line("for (int j = 0; j < " + words + "; j++) {");
        line("IntVector v = " + load("at + (long) j * VECTOR") + ";");
        for (int i = 0; i < whole; i++) {
            line(code("v", kind.atTop(0, i), "mask", "one") + column("to" + times(i)));
        }
        line("to += " + whole + " * width;");
        line("}");
        for (int i = 0; i < words; i++) {
            line("IntVector v" + i + " = " + load("at" + (i == 0 ? "" : " + " + (i == 1 ? "" : i + " * ") + "VECTOR")) + ";");
        }
        int rest = kind.fields().size() - whole;
        for (int r = 0; r < rest; r++) {
            String q = "q" + (rest == 1 ? "" : r);
            line("IntVector " + q + " = one;");
            for (int i = 0; i < words; i++) {
                String parts = "PARTS" + kind.bits() + "[" + i + "]";
                line(q + " = " + code("v" + i, kind.atTop(i, whole + r), parts, q) + ";");
            }
            line(q + column("to" + times(r)));
        }
        line("}");
    }

    private static String times(int columns) {
        return columns == 0 ? "" : " + " + (columns == 1 ? "" : columns + " * ") + "width";
    }

    /** Returns the code that moves a field to its place and adds the bits that are there already. */
    private static String code(String word, Field field, String mask, String others) {
        String by = field.shift() > 0 ? "LSHL, " + field.shift() : "LSHR, " + -field.shift();
        return word + ".lanewise(" + by + ").lanewise(AND, " + mask + ").lanewise(OR, " + others + ")";
    }

    private static String column(String to) {
        return ".reinterpretAsFloats().fma(scale, offset).intoArray(panel, " + to + ");";
    }

    private static final String F32 = "Floats; a word is one.";
    private static final String F16 = "Half-precision floats times 2^-112; a word has two.";
    private static final String BF16 = "Bfloat16 numbers; a word has two.";
    private static final String[] F16_VALUES = {
        ".lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask)", ".lanewise(ASHR, 3).lanewise(AND, mask)"
    };
    private static final String[] BF16_VALUES = {".lanewise(LSHL, 16)", ".lanewise(AND, mask)"};

    /**
     * Writes a kernel for one row of activations and weights that are floats.
     *
     * @param values for each float of a word, the operations that extract it
     */
    private void floats(String name, String comment, String mask, String... values) {
        out.append('\n');
        line("/** " + comment + " */");
        line("public static void dot" + name
                + "(Plane plane, long[] o, int blocks, int steps, float[] x, float result, float[] y, int yo, int apart) {");
        line("MemorySegment w = plane.data();");
        line("int words = plane.rowWords(blocks);");
        if (mask != null) {
            line("IntVector mask = IntVector.broadcast(I, Masks." + mask + "[0]);");
        }
        four("long o# = o[#];");
        line("for (int q = 0; q < steps; q++) {");
        line("long top = (long) q * words * VECTOR;");
        zeros("y");
        line("for (int j = 0; j < words; j++) {");
        line("long at = top + (long) j * VECTOR;");
        four("IntVector w# = " + load("o# + at") + ";");
        for (int i = 0; i < values.length; i++) {
            line("FloatVector v" + i + " = " + broadcast("x[" + (values.length == 1 ? "" : values.length + " * ") + "j" + plus(i) + "]"));
            four("y# = w#" + values[i] + ".reinterpretAsFloats().fma(v" + i + ", y#);");
        }
        line("}");
        results();
    }

    /** Writes the kernel of {@link #floats} for four rows of activations and two groups of rows of the matrix. */
    private void floatsBatch(String name, String comment, String mask, String... values) {
        out.append('\n');
        line("/** " + comment + " */");
        line("public static void dot" + name + "(Plane plane, long o, long p, int blocks, float[] x, float[] ys, float[] zs) {");
        line("MemorySegment w = plane.data();");
        line("int words = plane.rowWords(blocks);");
        if (mask != null) {
            line("IntVector mask = IntVector.broadcast(I, Masks." + mask + "[0]);");
        }
        zeros("yz");
        line("for (int j = 0; j < words; j++) {");
        line("long at = (long) j * VECTOR;");
        line("int c = " + 4 * values.length + " * j;");
        line("IntVector v = " + load("o + at") + ";");
        line("IntVector u = " + load("p + at") + ";");
        for (int i = 0; i < values.length; i++) {
            line("FloatVector f" + i + " = v" + values[i] + ".reinterpretAsFloats();");
            line("FloatVector g" + i + " = u" + values[i] + ".reinterpretAsFloats();");
            for (int t = 0; t < 4; t++) {
                line((t == 0 ? "FloatVector t" : "t") + i + " = " + broadcast("x[c" + plus(4 * i + t) + "]"));
                line("y# = f@.fma(t@, y#);".replace("#", "" + t).replace("@", "" + i));
                line("z# = g@.fma(t@, z#);".replace("#", "" + t).replace("@", "" + i));
            }
        }
        line("}");
        store();
        line("}");
    }

    private static void write(Path directory, String name, KernelGenerator kernels) throws IOException {
        Path file = directory.resolve(name + ".java");
        String old = Files.readString(file);
        String off = "    // spotless:off\n";
        int from = old.indexOf(off) + off.length();
        Files.writeString(file, old.substring(0, from) + kernels.out + old.substring(old.indexOf("    // spotless:on")));
    }

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        KernelGenerator dot = new KernelGenerator();
        dot.dot(CODES8, Scaling.F16);
        dot.dot(CODES5, Scaling.F16);
        dot.dot(CODES5, Scaling.F16_MIN);
        dot.dot(CODES4, Scaling.F16);
        dot.dot(CODES4, Scaling.F16_MIN);
        dot.dot(CODES2, Scaling.F16);
        dot.dot(TABLE4, Scaling.F16);
        dot.dot(TABLE4, Scaling.BF16);
        dot.floats("F32", F32, null, "");
        dot.floats("F16", F16, "HALF", F16_VALUES);
        dot.floats("BF16", BF16, "UPPER", BF16_VALUES);
        write(directory, "PackedDot", dot);

        KernelGenerator superDot = new KernelGenerator();
        superDot.dot(CODES6, Scaling.SUPER);
        superDot.dot(CODES5, Scaling.SUPER_MIN);
        superDot.dot(CODES4, Scaling.SUPER);
        superDot.dot(CODES4, Scaling.SUPER_MIN);
        superDot.dot(CODES2, Scaling.SUPER);
        superDot.dot(CODES2, Scaling.SUPER_MIN);
        superDot.dot(TABLE4, Scaling.SUPER);
        write(directory, "PackedSuperDot", superDot);

        KernelGenerator batch = new KernelGenerator();
        batch.batch(CODES8, Scaling.F16);
        batch.batch(CODES5, Scaling.F16);
        batch.batch(CODES5, Scaling.F16_MIN);
        batch.batch(CODES4, Scaling.F16);
        batch.batch(CODES4, Scaling.F16_MIN);
        batch.batch(CODES2, Scaling.F16);
        batch.batch(TABLE4, Scaling.F16);
        batch.batch(TABLE4, Scaling.BF16);
        batch.floatsBatch("F32", F32, null, "");
        batch.floatsBatch("F16", F16, "HALF", F16_VALUES);
        batch.floatsBatch("BF16", BF16, "UPPER", BF16_VALUES);
        write(directory, "PackedBatch", batch);

        KernelGenerator superBatch = new KernelGenerator();
        superBatch.batch(CODES6, Scaling.SUPER);
        superBatch.batch(CODES5, Scaling.SUPER_MIN);
        superBatch.batch(CODES4, Scaling.SUPER);
        superBatch.batch(CODES4, Scaling.SUPER_MIN);
        superBatch.batch(CODES2, Scaling.SUPER);
        superBatch.batch(CODES2, Scaling.SUPER_MIN);
        superBatch.batch(TABLE4, Scaling.SUPER);
        write(directory, "PackedSuperBatch", superBatch);

        KernelGenerator panel = new KernelGenerator();
        for (Codes codes : List.of(CODES2, CODES4, CODES8, CODES5, CODES6, TABLE4)) {
            panel.panel(codes);
        }
        write(directory, "PackedPanel", panel);
    }
}
