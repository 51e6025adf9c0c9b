package dev.skald.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The search on vectors: as many groups at once as there are lanes, each with the sums of {@link ScalarSearch}. */
final class VectorSearch extends ScaleSearch {
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final int L = S.length();
    private static final int LANES = Groups.LANES;

    private static FloatVector at(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    private static FloatVector all(float v) {
        return FloatVector.broadcast(S, v);
    }

    private static FloatVector root(FloatVector v) {
        return v.lanewise(VectorOperators.SQRT);
    }

    /** The code nearest to v, as a float; clamped as an int, because min and max of floats take six instructions. */
    private static FloatVector code(FloatVector v, IntVector low, IntVector high) {
        IntVector bits = v.add(ROUNDER).reinterpretAsInts();
        return bits.max(low).min(high).reinterpretAsFloats().sub(ROUNDER);
    }

    @Override
    public void weighBySquare(Groups g) {
        for (int i = 0; i < g.size * LANES; i += L) {
            FloatVector x = at(g.x, i);
            x.mul(x).intoArray(g.w, i);
        }
    }

    @Override
    public void weighByMagnitude(Groups g, boolean plusRoot) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            FloatVector root = FloatVector.zero(S);
            if (plusRoot) {
                for (int i = lane; i < end; i += LANES) {
                    FloatVector x = at(g.x, i);
                    root = root.add(x.mul(x));
                }
                root = root(root.div(g.size));
            }
            for (int i = lane; i < end; i += LANES) {
                root.add(at(g.x, i).abs()).intoArray(g.w, i);
            }
        }
    }

    @Override
    public void weighByImportanceAndSize(Groups g) {
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
                sum = sum.add(w);
            }
            sum.intoArray(g.sum, lane);
        }
    }

    @Override
    public void weighByImportance(Groups g) {
        for (int lane = 0; lane < LANES; lane += L) {
            int end = g.size * LANES + lane;
            VectorMask<Float> some = some(g, lane, end);
            for (int i = lane; i < end; i += LANES) {
                all(1).blend(at(g.q, i), some).intoArray(g.w, i);
            }
        }
    }

    private static VectorMask<Float> some(Groups g, int lane, int end) {
        FloatVector all = FloatVector.zero(S);
        for (int i = lane; i < end; i += LANES) {
            all = all.add(at(g.q, i));
        }
        return all.compare(VectorOperators.GT, 0);
    }

    /** The first of the numbers of largest magnitude, in each lane. */
    private static FloatVector extreme(float[] x, int from, int end) {
        FloatVector most = FloatVector.zero(S);
        FloatVector value = FloatVector.zero(S);
        for (int i = from; i < end; i += LANES) {
            FloatVector v = at(x, i);
            VectorMask<Float> more = v.abs().compare(VectorOperators.GT, most);
            most = most.blend(v.abs(), more);
            value = value.blend(v, more);
        }
        return value;
    }

    @Override
    public void symmetric(Groups g, int max) {
        for (int lane = 0; lane < LANES; lane += L) {
            symmetric(g, max, lane);
        }
    }

    private static void symmetric(Groups g, int max, int lane) {
        int end = g.size * LANES + lane;
        IntVector low = IntVector.broadcast(I, ROUNDED_ZERO - max);
        IntVector high = IntVector.broadcast(I, ROUNDED_ZERO + max - 1);
        FloatVector extreme = extreme(g.x, lane, end);
        VectorMask<Float> nothing = extreme.abs().compare(VectorOperators.LT, NOTHING);
        for (int i = lane; i < end; i += LANES) {
            at(g.w, i).mul(at(g.x, i)).intoArray(g.work, i);
        }
        FloatVector best = FloatVector.zero(S);
        FloatVector scale = FloatVector.zero(S);
        FloatVector bestInverse = all(-max).div(extreme);
        for (int t = 0; t < 19; t++) {
            FloatVector inverse = all(-(max + 0.1f * shift(t))).div(extreme);
            FloatVector xl = FloatVector.zero(S);
            FloatVector ll = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector l = code(inverse.mul(at(g.x, i)), low, high);
                xl = xl.add(at(g.work, i).mul(l));
                ll = ll.add(at(g.w, i).mul(l).mul(l));
            }
            VectorMask<Float> better = ll.compare(VectorOperators.GT, 0);
            if (t > 0) {
                better = better.and(xl.mul(xl).compare(VectorOperators.GT, best.mul(ll)));
            }
            FloatVector fit = xl.div(ll);
            scale = scale.blend(fit, better);
            bestInverse = bestInverse.blend(inverse, better);
            best = best.blend(fit.mul(xl), better);
        }
        scale.blend(0, nothing).intoArray(g.scale, lane);
        bestInverse = bestInverse.blend(0, nothing);
        for (int i = lane; i < end; i += LANES) {
            code(bestInverse.mul(at(g.x, i)), low, high).intoArray(g.work, i);
        }
    }

    @Override
    public void descent(Groups g, int max) {
        for (int lane = 0; lane < LANES; lane += L) {
            descent(g, max, lane);
        }
    }

    private static void descent(Groups g, int max, int lane) {
        int end = g.size * LANES + lane;
        IntVector low = IntVector.broadcast(I, ROUNDED_ZERO - max);
        IntVector high = IntVector.broadcast(I, ROUNDED_ZERO + max - 1);
        FloatVector extreme = extreme(g.x, lane, end);
        VectorMask<Float> nothing = extreme.abs().compare(VectorOperators.LT, NOTHING);
        FloatVector inverse = all(-max).div(extreme);
        FloatVector xl = FloatVector.zero(S);
        FloatVector ll = FloatVector.zero(S);
        for (int i = lane; i < end; i += LANES) {
            FloatVector x = at(g.x, i);
            FloatVector w = at(g.w, i);
            FloatVector l = code(inverse.mul(x), low, high);
            l.intoArray(g.work, i);
            xl = xl.add(w.mul(x).mul(l));
            ll = ll.add(w.mul(l).mul(l));
        }
        boolean changed = true;
        for (int t = 0; t < 5 && changed; t++) {
            changed = false;
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector w = at(g.w, i);
                FloatVector old = at(g.work, i);
                FloatVector wx = w.mul(x);
                FloatVector xlRest = xl.sub(wx.mul(old));
                FloatVector llRest = ll.sub(w.mul(old).mul(old));
                FloatVector l = code(x.mul(llRest).div(xlRest), low, high);
                FloatVector xlNew = xlRest.add(wx.mul(l));
                FloatVector llNew = llRest.add(w.mul(l).mul(l));
                VectorMask<Float> better = xlNew.mul(xlNew)
                        .mul(ll)
                        .compare(VectorOperators.GT, xl.mul(xl).mul(llNew))
                        .and(xlRest.compare(VectorOperators.GT, 0))
                        .and(llNew.compare(VectorOperators.GT, 0))
                        .and(l.compare(VectorOperators.NE, old))
                        .andNot(nothing);
                if (better.anyTrue()) {
                    old.blend(l, better).intoArray(g.work, i);
                    xl = xl.blend(xlNew, better);
                    ll = ll.blend(llNew, better);
                    changed = true;
                }
            }
        }
        VectorMask<Float> none = nothing.or(ll.compare(VectorOperators.LE, 0));
        xl.div(ll).blend(0, none).intoArray(g.scale, lane);
    }

    @Override
    public void affine(Groups g, int max, float first, float step, int steps, boolean absolute) {
        for (int lane = 0; lane < LANES; lane += L) {
            affine(g, max, first, step, steps, absolute, lane);
        }
    }

    private static void affine(Groups g, int max, float first, float step, int steps, boolean absolute, int lane) {
        int end = g.size * LANES + lane;
        IntVector low = IntVector.broadcast(I, ROUNDED_ZERO);
        IntVector high = IntVector.broadcast(I, ROUNDED_ZERO + max);
        FloatVector least = at(g.x, lane);
        FloatVector most = least;
        FloatVector sumW = at(g.w, lane);
        FloatVector sumX = sumW.mul(least);
        for (int i = lane + LANES; i < end; i += LANES) {
            FloatVector x = at(g.x, i);
            FloatVector w = at(g.w, i);
            least = least.blend(x, x.compare(VectorOperators.LT, least));
            most = most.blend(x, x.compare(VectorOperators.GT, most));
            sumW = sumW.add(w);
            sumX = sumX.add(w.mul(x));
        }
        FloatVector min = least.blend(0, least.compare(VectorOperators.GT, 0));
        VectorMask<Float> some = most.compare(VectorOperators.GT, min);
        FloatVector bestInverse = all(max).div(most.sub(min));
        FloatVector bestOffset = min.neg();
        FloatVector scale = all(1).div(bestInverse);
        for (int i = lane; i < end; i += LANES) {
            code(bestInverse.mul(at(g.x, i).sub(min)), low, high).intoArray(g.work, i);
        }
        FloatVector error = error(g, scale, min, absolute, lane);
        for (int t = 0; t <= steps; t++) {
            FloatVector inverse = all(first + step * t + max).div(most.sub(min));
            FloatVector sumL = FloatVector.zero(S);
            FloatVector sumLL = FloatVector.zero(S);
            FloatVector sumXL = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector l = code(inverse.mul(x.sub(min)), low, high);
                l.intoArray(g.work, i);
                FloatVector wl = at(g.w, i).mul(l);
                sumL = sumL.add(wl);
                sumLL = sumLL.add(wl.mul(l));
                sumXL = sumXL.add(wl.mul(x));
            }
            FloatVector determinant = sumW.mul(sumLL).sub(sumL.mul(sumL));
            FloatVector newScale = sumW.mul(sumXL).sub(sumX.mul(sumL)).div(determinant);
            FloatVector newMin = sumLL.mul(sumX).sub(sumL.mul(sumXL)).div(determinant);
            VectorMask<Float> above = newMin.compare(VectorOperators.GT, 0);
            newMin = newMin.blend(0, above);
            newScale = newScale.blend(sumXL.div(sumLL), above);
            FloatVector newError = error(g, newScale, newMin, absolute, lane);
            VectorMask<Float> better =
                    newError.compare(VectorOperators.LT, error).and(determinant.compare(VectorOperators.GT, 0));
            error = error.blend(newError, better);
            bestInverse = bestInverse.blend(inverse, better);
            bestOffset = bestOffset.blend(min.neg(), better);
            scale = scale.blend(newScale, better);
            min = min.blend(newMin, better.and(some));
        }
        VectorMask<Float> none = some.not();
        scale.blend(0, none).intoArray(g.scale, lane);
        min.neg().intoArray(g.min, lane);
        bestInverse.blend(0, none).intoArray(g.inverse, lane);
        bestOffset.blend(min.neg(), none).intoArray(g.offset, lane);
    }

    /** The error of the codes in {@link Groups#work}. */
    private static FloatVector error(Groups g, FloatVector scale, FloatVector min, boolean absolute, int lane) {
        int end = g.size * LANES + lane;
        FloatVector error = FloatVector.zero(S);
        if (absolute) {
            for (int i = lane; i < end; i += LANES) {
                FloatVector miss = scale.mul(at(g.work, i)).add(min).sub(at(g.x, i));
                error = error.add(at(g.w, i).mul(miss.abs()));
            }
        } else {
            for (int i = lane; i < end; i += LANES) {
                FloatVector miss = scale.mul(at(g.work, i)).add(min).sub(at(g.x, i));
                error = error.add(at(g.w, i).mul(miss.mul(miss)));
            }
        }
        return error;
    }

    @Override
    public void table(Groups g, float[] values, int tries) {
        float[] borders = borders(values);
        for (int lane = 0; lane < LANES; lane += L) {
            table(g, values, borders, tries, lane);
        }
    }

    private static void table(Groups g, float[] values, float[] borders, int tries, int lane) {
        int end = g.size * LANES + lane;
        FloatVector extreme = extreme(g.x, lane, end);
        VectorMask<Float> nothing = extreme.abs().compare(VectorOperators.LT, NOTHING);
        FloatVector best = FloatVector.zero(S);
        FloatVector scale = FloatVector.zero(S);
        for (int t = -tries - 1; t <= tries; t++) {
            boolean obvious = t < -tries;
            FloatVector inverse = obvious
                    ? all(1).div(extreme.neg().div(values[0]))
                    : all(t + values[0]).div(extreme);
            FloatVector xl = FloatVector.zero(S);
            FloatVector ll = FloatVector.zero(S);
            for (int i = lane; i < end; i += LANES) {
                FloatVector x = at(g.x, i);
                FloatVector wl = at(g.w, i);
                FloatVector l = value(inverse.mul(x), values, borders);
                wl = wl.mul(l);
                xl = xl.add(wl.mul(x));
                ll = ll.add(wl.mul(l));
            }
            VectorMask<Float> better = ll.compare(VectorOperators.GT, 0);
            if (!obvious) {
                better = better.and(xl.mul(xl).compare(VectorOperators.GT, best.mul(ll)));
            }
            FloatVector fit = xl.div(ll);
            scale = scale.blend(fit, better);
            best = best.blend(fit.mul(xl), better);
        }
        scale.blend(0, nothing).intoArray(g.scale, lane);
    }

    /** The nearest of the values: up one value with each border that v reaches. */
    private static FloatVector value(FloatVector v, float[] values, float[] borders) {
        FloatVector l = all(values[0]);
        for (int k = 0; k < 15; k++) {
            l = l.blend(values[k + 1], v.compare(VectorOperators.GE, borders[k]));
        }
        return l;
    }
}
