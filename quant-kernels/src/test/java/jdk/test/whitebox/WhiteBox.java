package jdk.test.whitebox;

import java.lang.reflect.Executable;

/**
 * The JVM's interface for tests ({@code -XX:+WhiteBoxAPI}), which must have this name on the boot class path. It compiles one method
 * at one tier, at once. The JVM prints the names of its other methods, which are not declared here, and goes on.
 */
public final class WhiteBox {
    private WhiteBox() {}

    private static native void registerNatives();

    static {
        registerNatives();
    }

    /** Returns the interface. */
    public static WhiteBox get() {
        return new WhiteBox();
    }

    /** Compiles at a tier, from the entry (-1) or from the loop that begins at a byte code; the JVM prints what it refuses. */
    public boolean compile(Executable method, int tier, int bci) {
        return enqueueMethodForCompilation0(method, tier, bci);
    }

    /** Returns the tier of the code that a call runs, or that a loop continues in; 0 for the interpreter. */
    public int tier(Executable method, boolean loop) {
        return getMethodCompilationLevel0(method, loop);
    }

    /** Bytes of machine code, or 0. */
    public int codeBytes(Executable method, boolean loop) {
        Object[] code = getNMethod0(method, loop);
        return code == null ? 0 : ((byte[]) code[2]).length;
    }

    /** Discards compiled code, and the profile of the method with it. */
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
