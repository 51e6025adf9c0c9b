package jdk.test.whitebox;

import java.lang.reflect.Executable;

/**
 * The JVM's own door for tests ({@code -XX:+WhiteBoxAPI}), of which it wants this name on the boot class path: has one method
 * compiled at one tier, now. What is not declared here the JVM only mentions.
 */
public final class WhiteBox {
    private WhiteBox() {}

    private static native void registerNatives();

    static {
        registerNatives();
    }

    /** The way in. */
    public static WhiteBox get() {
        return new WhiteBox();
    }

    /** Compiles at a tier, from the entry (-1) or from the loop that begins at a byte code; the JVM prints what it refuses. */
    public boolean compile(Executable method, int tier, int bci) {
        return enqueueMethodForCompilation0(method, tier, bci);
    }

    /** The tier of the code that a call takes, or of that in which a loop goes on; 0 in the interpreter. */
    public int tier(Executable method, boolean loop) {
        return getMethodCompilationLevel0(method, loop);
    }

    /** Bytes of machine code, or 0. */
    public int codeBytes(Executable method, boolean loop) {
        Object[] code = getNMethod0(method, loop);
        return code == null ? 0 : ((byte[]) code[2]).length;
    }

    /** Throws compiled code away, and what is known of the method with it. */
    public void forget(Executable method) {
        deoptimizeMethod0(method, false);
        deoptimizeMethod0(method, true);
        clearMethodState0(method);
    }

    private native boolean enqueueMethodForCompilation0(Executable method, int tier, int bci);

    private native int getMethodCompilationLevel0(Executable method, boolean loop);

    private native Object[] getNMethod0(Executable method, boolean loop);

    private native int deoptimizeMethod0(Executable method, boolean loop);

    private native void clearMethodState0(Executable method);
}
