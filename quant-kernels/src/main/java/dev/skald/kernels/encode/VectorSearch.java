package dev.skald.kernels.encode;

import dev.skald.kernels.platform.VectorKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The search on vectors: as many stripes at once as there are lanes, with the same sums as {@link ScalarSearch}.
 *
 * <p>A search is a sequence of {@link Step steps} over all stripes, which leave their results in {@link Stripes.State}. In a
 * single method, a search would exceed what C2 inlines; vectors would become objects, and it would take fifty times as long. So
 * steps are called at one place, out of arrays: C2 cannot know which one comes, and compiles each separately. A helper of more
 * than one operation may be compiled before its callers, which then call it with objects; so rounding to a code is written out
 * everywhere. An operation is never called on a variable that a loop carries, such as sum.add(x), because C2 would know its
 * class only from profiles, which may be missing; x.add(sum) is the same sum. Codes are clamped as ints, because min and max of
 * floats take six instructions.
 */
final class VectorSearch extends ScaleSearch {
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final int L = S.length();
    private static final int LANES = Stripes.LANES;

    private interface Step {
        void run(Stripes g, Stripes.State s);
    }

    private static final Step[] EXTREME = {VectorSearch::extreme};
    private static final Step[] SYMMETRIC = {VectorSearch::symmetricCandidate, VectorSearch::larger};
    private static final Step[] SYMMETRIC_END = {VectorSearch::symmetricCodes};
    private static final Step[] DESCENT_START = {VectorSearch::extreme, VectorSearch::descentStart};
    private static final Step[] DESCENT = {VectorSearch::descentRound};
    private static final Step[] DESCENT_END = {VectorSearch::descentEnd};
    private static final Step[] AFFINE_START = {
        VectorSearch::range, VectorSearch::obvious, VectorSearch::error, VectorSearch::less
    };
    private static final Step[] AFFINE = {
        VectorSearch::sums, VectorSearch::solution, VectorSearch::error, VectorSearch::less
    };
    private static final Step[] ABSOLUTE_START = {
        VectorSearch::range, VectorSearch::obvious, VectorSearch::absoluteError, VectorSearch::less
    };
    private static final Step[] ABSOLUTE = {
        VectorSearch::sums, VectorSearch::solution, VectorSearch::absoluteError, VectorSearch::less
    };
    private static final Step[] TABLE = {VectorSearch::tableCandidate, VectorSearch::larger};
    private static final Step[] TABLE_END = {VectorSearch::tableEnd};

    private static void run(Step[] steps, Stripes g) {
        for (Step step : steps) {
            step.run(g, g.state);
        }
    }

    private static FloatVector at(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    private static FloatVector all(float v) {
        return FloatVector.broadcast(S, v);
    }

    private static FloatVector root(FloatVector v) {
        return v.lanewise(VectorOperators.SQRT);
    }

    @Override
    public void weighBySquare(Stripes g) {
        for (int i = 0; i < g.size * LANES; i += L) {
            FloatVector x = at(g.x, i);
            x.mul(x).intoArray(g.w, i);
        }
    }

    @Override
    public void weighByMagnitude(Stripes g, boolean plusRoot) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector root = FloatVector.zero(S);
            if (plusRoot) {
                for (int i = lane; i < end; i += LANES) {
                    FloatVector x = at(g.x, i);
                    root = x.mul(x).add(root);
                }
                root = root(root.div(g.size));
            }
            for (int i = lane; i < end; i += LANES) {
                root.add(at(g.x, i).abs()).intoArray(g.w, i);
            }
        }
    }

    @Override
    public void weighByImportanceAndSize(Stripes g) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            VectorMask<Float> some = some(g, lane, end);
            FloatVector sigma = at(g.sigma, lane);
            FloatVector sum = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector q = all(1).blend(at(g.q, i), some);
                FloatVector w = q.mul(root(sigma.add(x.mul(x))));
                w.intoArray(g.w, i);
                sum = w.add(sum);
            }
            sum.intoArray(g.sum, lane);
        }
    }

    @Override
    public void weighByImportance(Stripes g) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            VectorMask<Float> some = some(g, lane, end);
            for (int i = lane; i < end; i += LANES) {
                all(1).blend(at(g.q, i), some).intoArray(g.w, i);
            }
        }
    }

    private static VectorMask<Float> some(Stripes g, int lane, int end) {
        FloatVector all = FloatVector.zero(S);
        for (int i = lane; i < end; i += LANES) {
            all = at(g.q, i).add(all);
        }
        return all.compare(VectorOperators.GT, 0);
    }

    @Override
    public void symmetric(Stripes g, int max) {
        start(g, max);
        run(EXTREME, g);
        for (int t = 0; t < 19; t++) {
            g.state.last = -(max + 0.1f * shift(t));
            run(SYMMETRIC, g);
        }
        run(SYMMETRIC_END, g);
    }

    private static void start(Stripes g, int max) {
        g.state.max = max;
        Arrays.fill(g.scale, 0);
        Arrays.fill(g.state.best, -1);
    }

    /** Returns the first of the numbers with the largest magnitude; 0 in an empty stripe. */
    private static void extreme(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector most = FloatVector.zero(S);
            FloatVector value = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector v = at(g.x, i);
                VectorMask<Float> noMore = v.abs().compare(VectorOperators.LE, most);
                most = v.abs().blend(most, noMore);
                value = v.blend(value, noMore);
            }
            value = value.blend(0, most.compare(VectorOperators.LT, NOTHING));
            value.intoArray(s.extreme, lane);
            all(-s.max).div(value).intoArray(s.bestInverse, lane);
        }
    }

    private static void symmetricCandidate(Stripes g, Stripes.State s) {
        int low = ROUNDED_ZERO - s.max;
        int high = ROUNDED_ZERO + s.max - 1;
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector inverse = all(s.last).div(at(s.extreme, lane));
            FloatVector xl = FloatVector.zero(S);
            FloatVector ll = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector w = at(g.w, i);
                FloatVector l = inverse.mul(x)
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .max(low)
                        .min(high)
                        .reinterpretAsFloats()
                        .sub(ROUNDER);
                xl = w.mul(x).mul(l).add(xl);
                ll = w.mul(l).mul(l).add(ll);
            }
            inverse.intoArray(s.inverse, lane);
            xl.intoArray(s.xl, lane);
            ll.intoArray(s.ll, lane);
        }
    }

    /** Makes the candidate the best where its quotient is larger. */
    private static void larger(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            FloatVector xl = at(s.xl, lane);
            FloatVector ll = at(s.ll, lane);
            FloatVector best = at(s.best, lane);
            FloatVector fit = xl.div(ll);
            VectorMask<Float> better =
                    xl.mul(xl).compare(VectorOperators.GT, best.mul(ll)).and(ll.compare(VectorOperators.GT, 0));
            best.blend(fit.mul(xl), better).intoArray(s.best, lane);
            at(g.scale, lane).blend(fit, better).intoArray(g.scale, lane);
            at(s.bestInverse, lane).blend(at(s.inverse, lane), better).intoArray(s.bestInverse, lane);
        }
    }

    /** Returns the codes of the best candidate, and a scale of 0 in an empty stripe. */
    private static void symmetricCodes(Stripes g, Stripes.State s) {
        int low = ROUNDED_ZERO - s.max;
        int high = ROUNDED_ZERO + s.max - 1;
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            VectorMask<Float> nothing = at(s.extreme, lane).compare(VectorOperators.EQ, 0);
            FloatVector inverse = at(s.bestInverse, lane).blend(0, nothing);
            at(g.scale, lane).blend(0, nothing).intoArray(g.scale, lane);
            for (int i = lane; i < end; i += LANES) {
                inverse.mul(at(g.x, i))
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .max(low)
                        .min(high)
                        .reinterpretAsFloats()
                        .sub(ROUNDER)
                        .intoArray(g.work, i);
            }
        }
    }

    @Override
    public void descent(Stripes g, int max) {
        start(g, max);
        run(DESCENT_START, g);
        g.state.changed = true;
        for (int t = 0; t < 5 && g.state.changed; t++) {
            g.state.changed = false;
            run(DESCENT, g);
        }
        run(DESCENT_END, g);
    }

    private static void descentStart(Stripes g, Stripes.State s) {
        int low = ROUNDED_ZERO - s.max;
        int high = ROUNDED_ZERO + s.max - 1;
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector inverse = at(s.bestInverse, lane);
            FloatVector xl = FloatVector.zero(S);
            FloatVector ll = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector w = at(g.w, i);
                FloatVector l = inverse.mul(x)
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .max(low)
                        .min(high)
                        .reinterpretAsFloats()
                        .sub(ROUNDER);
                l.intoArray(g.work, i);
                xl = w.mul(x).mul(l).add(xl);
                ll = w.mul(l).mul(l).add(ll);
            }
            xl.intoArray(s.xl, lane);
            ll.intoArray(s.ll, lane);
        }
    }

    private static void descentRound(Stripes g, Stripes.State s) {
        int low = ROUNDED_ZERO - s.max;
        int high = ROUNDED_ZERO + s.max - 1;
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            VectorMask<Float> something = at(s.extreme, lane).compare(VectorOperators.NE, 0);
            for (int i = lane; i < end; i += LANES) {
                FloatVector xl = at(s.xl, lane);
                FloatVector ll = at(s.ll, lane);
                FloatVector x = at(g.x, i);
                FloatVector w = at(g.w, i);
                FloatVector old = at(g.work, i);
                FloatVector wx = w.mul(x);
                FloatVector xlRest = xl.sub(wx.mul(old));
                FloatVector llRest = ll.sub(w.mul(old).mul(old));
                FloatVector l = x.mul(llRest)
                        .div(xlRest)
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .max(low)
                        .min(high)
                        .reinterpretAsFloats()
                        .sub(ROUNDER);
                FloatVector xlNew = xlRest.add(wx.mul(l));
                FloatVector llNew = llRest.add(w.mul(l).mul(l));
                VectorMask<Float> better = xlNew.mul(xlNew)
                        .mul(ll)
                        .compare(VectorOperators.GT, xl.mul(xl).mul(llNew))
                        .and(xlRest.compare(VectorOperators.GT, 0))
                        .and(llNew.compare(VectorOperators.GT, 0))
                        .and(l.compare(VectorOperators.NE, old))
                        .and(something);
                if (better.anyTrue()) {
                    old.blend(l, better).intoArray(g.work, i);
                    xl.blend(xlNew, better).intoArray(s.xl, lane);
                    ll.blend(llNew, better).intoArray(s.ll, lane);
                    s.changed = true;
                }
            }
        }
    }

    private static void descentEnd(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            VectorMask<Float> some = at(s.extreme, lane)
                    .compare(VectorOperators.NE, 0)
                    .and(at(s.ll, lane).compare(VectorOperators.GT, 0));
            FloatVector.zero(S).blend(at(s.xl, lane).div(at(s.ll, lane)), some).intoArray(g.scale, lane);
        }
    }

    @Override
    public void affine(Stripes g, int max, float first, float step, int steps, boolean absolute) {
        start(g, max);
        run(absolute ? ABSOLUTE_START : AFFINE_START, g);
        for (int t = 0; t <= steps; t++) {
            g.state.last = first + step * t + max;
            run(absolute ? ABSOLUTE : AFFINE, g);
        }
    }

    /** Sums that do not depend on codes, and the result unless a candidate is better. */
    private static void range(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector least = at(g.x, lane);
            FloatVector most = least;
            FloatVector sumW = at(g.w, lane);
            FloatVector sumX = sumW.mul(least);
            for (int i = lane + LANES; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector w = at(g.w, i);
                least = x.blend(least, x.compare(VectorOperators.GE, least));
                most = x.blend(most, x.compare(VectorOperators.LE, most));
                sumW = w.add(sumW);
                sumX = w.mul(x).add(sumX);
            }
            sumW.intoArray(s.w, lane);
            sumX.intoArray(s.wx, lane);
            FloatVector offset =
                    least.blend(0, least.compare(VectorOperators.GT, 0)).neg();
            offset.intoArray(g.min, lane);
            offset.intoArray(g.offset, lane);
            FloatVector.zero(S).intoArray(g.inverse, lane);
            all(Float.MAX_VALUE).intoArray(s.error, lane);
            // Without a range there is no candidate: all its numbers are 0, infinite or NaN.
            VectorMask<Float> some = most.compare(VectorOperators.GT, offset.neg());
            all(Float.POSITIVE_INFINITY).blend(most, some).intoArray(s.most, lane);
        }
    }

    /** The obvious candidate: codes from the least to the largest number, without regression. */
    private static void obvious(Stripes g, Stripes.State s) {
        int high = ROUNDED_ZERO + s.max;
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector min = at(g.min, lane).neg();
            FloatVector inverse = all(s.max).div(at(s.most, lane).sub(min));
            inverse.intoArray(s.inverse, lane);
            all(1).div(inverse).intoArray(s.scale, lane);
            min.intoArray(s.min, lane);
            for (int i = lane; i < end; i += LANES) {
                inverse.mul(at(g.x, i).sub(min))
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .max(ROUNDED_ZERO)
                        .min(high)
                        .reinterpretAsFloats()
                        .sub(ROUNDER)
                        .intoArray(g.work, i);
            }
        }
    }

    private static void sums(Stripes g, Stripes.State s) {
        int high = ROUNDED_ZERO + s.max;
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector min = at(g.min, lane).neg();
            FloatVector inverse = all(s.last).div(at(s.most, lane).sub(min));
            FloatVector sumL = FloatVector.zero(S);
            FloatVector sumLL = FloatVector.zero(S);
            FloatVector sumXL = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector l = inverse.mul(x.sub(min))
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .max(ROUNDED_ZERO)
                        .min(high)
                        .reinterpretAsFloats()
                        .sub(ROUNDER);
                l.intoArray(g.work, i);
                FloatVector wl = at(g.w, i).mul(l);
                sumL = wl.add(sumL);
                sumLL = wl.mul(l).add(sumLL);
                sumXL = wl.mul(x).add(sumXL);
            }
            inverse.intoArray(s.inverse, lane);
            sumL.intoArray(s.l, lane);
            sumLL.intoArray(s.ll, lane);
            sumXL.intoArray(s.xl, lane);
        }
    }

    /** Returns the scale and minimum of linear regression; NaN if there is none. */
    private static void solution(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            FloatVector w = at(s.w, lane);
            FloatVector wx = at(s.wx, lane);
            FloatVector l = at(s.l, lane);
            FloatVector ll = at(s.ll, lane);
            FloatVector xl = at(s.xl, lane);
            FloatVector determinant = w.mul(ll).sub(l.mul(l));
            determinant = all(Float.NaN).blend(determinant, determinant.compare(VectorOperators.GT, 0));
            FloatVector scale = w.mul(xl).sub(wx.mul(l)).div(determinant);
            FloatVector min = ll.mul(wx).sub(l.mul(xl)).div(determinant);
            VectorMask<Float> above = min.compare(VectorOperators.GT, 0);
            min.blend(0, above).intoArray(s.min, lane);
            scale.blend(xl.div(ll), above).intoArray(s.scale, lane);
        }
    }

    private static void error(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector scale = at(s.scale, lane);
            FloatVector min = at(s.min, lane);
            FloatVector error = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector miss = scale.mul(at(g.work, i)).add(min).sub(at(g.x, i));
                error = at(g.w, i).mul(miss.mul(miss)).add(error);
            }
            error.intoArray(s.newError, lane);
        }
    }

    private static void absoluteError(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector scale = at(s.scale, lane);
            FloatVector min = at(s.min, lane);
            FloatVector error = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector miss = scale.mul(at(g.work, i)).add(min).sub(at(g.x, i));
                error = at(g.w, i).mul(miss.abs()).add(error);
            }
            error.intoArray(s.newError, lane);
        }
    }

    /** Makes the candidate the best where its error is smaller. */
    private static void less(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            FloatVector old = at(s.error, lane);
            FloatVector error = at(s.newError, lane);
            FloatVector min = at(g.min, lane);
            VectorMask<Float> better = error.compare(VectorOperators.LT, old);
            old.blend(error, better).intoArray(s.error, lane);
            at(g.inverse, lane).blend(at(s.inverse, lane), better).intoArray(g.inverse, lane);
            at(g.offset, lane).blend(min, better).intoArray(g.offset, lane);
            at(g.scale, lane).blend(at(s.scale, lane), better).intoArray(g.scale, lane);
            min.blend(at(s.min, lane).neg(), better).intoArray(g.min, lane);
        }
    }

    @Override
    public void table(Stripes g, float[] values, int tries) {
        start(g, 0);
        run(EXTREME, g);
        g.state.values = values;
        g.state.borders = borders(values);
        for (int t = -tries - 1; t <= tries; t++) {
            g.state.obvious = t < -tries;
            g.state.last = g.state.obvious ? values[0] : t + values[0];
            run(TABLE, g);
        }
        run(TABLE_END, g);
    }

    private static void tableCandidate(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector extreme = at(s.extreme, lane);
            FloatVector inverse = s.obvious
                    ? all(1).div(extreme.neg().div(s.last))
                    : all(s.last).div(extreme);
            FloatVector xl = FloatVector.zero(S);
            FloatVector ll = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector v = inverse.mul(x);
                FloatVector l = all(s.values[0]);
                for (int k = 0; k < 15; k++) {
                    l = all(s.values[k + 1]).blend(l, v.compare(VectorOperators.LT, s.borders[k]));
                }
                FloatVector wl = at(g.w, i).mul(l);
                xl = wl.mul(x).add(xl);
                ll = wl.mul(l).add(ll);
            }
            xl.intoArray(s.xl, lane);
            ll.intoArray(s.ll, lane);
        }
    }

    private static void tableEnd(Stripes g, Stripes.State s) {
        for (int lane = 0; lane < LANES; lane += L) {
            VectorMask<Float> nothing = at(s.extreme, lane).compare(VectorOperators.EQ, 0);
            at(g.scale, lane).blend(0, nothing).intoArray(g.scale, lane);
        }
    }
}
