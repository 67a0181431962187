import {
  absDependencies,
  addDependencies,
  compileDependencies,
  create,
  DenseMatrixDependencies,
  divideDependencies,
  dotDivideDependencies,
  dotMultiplyDependencies,
  dotPowDependencies,
  expDependencies,
  expm1Dependencies,
  flattenDependencies,
  largerDependencies,
  largerEqDependencies,
  log1pDependencies,
  logDependencies,
  mapDependencies,
  maxDependencies,
  minDependencies,
  multiplyDependencies,
  parseDependencies,
  powDependencies,
  signDependencies,
  smallerDependencies,
  smallerEqDependencies,
  sqrtDependencies,
  subtractDependencies,
  sumDependencies,
  tanhDependencies,
  unaryMinusDependencies,
} from 'mathjs';

/** The part of mathjs that the equations need: the bundle carries nothing else. */
export const mathematics = create(
  {
    absDependencies,
    addDependencies,
    compileDependencies,
    DenseMatrixDependencies,
    divideDependencies,
    dotMultiplyDependencies,
    dotDivideDependencies,
    dotPowDependencies,
    expDependencies,
    expm1Dependencies,
    flattenDependencies,
    largerDependencies,
    largerEqDependencies,
    log1pDependencies,
    logDependencies,
    mapDependencies,
    maxDependencies,
    minDependencies,
    multiplyDependencies,
    parseDependencies,
    powDependencies,
    signDependencies,
    smallerDependencies,
    smallerEqDependencies,
    sqrtDependencies,
    subtractDependencies,
    sumDependencies,
    tanhDependencies,
    unaryMinusDependencies,
  },
  {
    // sqrt and log give NaN instead of complex numbers.
    predictable: true,
    // Comparisons are exact: mathjs would otherwise take 1e-16 for 0, and max(0, 1e-16) would be 0.
    relTol: 1e-300,
    absTol: 0,
  },
);

// Equations are of numbers and matrices only. What each function would do with fractions, units, strings, … after converting them takes longer to
// work out than most models to run.
// (mathjs’s types do not know it.)
const { typed } = mathematics as unknown as { typed: { clearConversions(): void } };
typed.clearConversions();
