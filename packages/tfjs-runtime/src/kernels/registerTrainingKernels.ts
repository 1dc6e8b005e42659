/*
 * Kernels that training needs and tfjs-backend-wasm 4.22 lacks (Conv2DBackpropFilter) or has only slowly. Each is put together
 * from quick ones (XNNPACK convolutions and products). Tests hold them against finite differences and the JavaScript backend.
 */
type Core = typeof import('@tensorflow/tfjs-core');
type TensorInfo = import('@tensorflow/tfjs-core').TensorInfo;
type Tensor4D = import('@tensorflow/tfjs-core').Tensor4D;

interface Call {
  inputs: Record<string, TensorInfo>;
  attrs: any;
  backend: any;
}

let registered = false;

/** Registers the kernels once. */
export function registerTrainingKernels(tf: Core): void {
  if (registered) return;
  registered = true;
  const add = (kernelName: string, kernel: (call: Call) => TensorInfo) => {
    if (tf.getKernel(kernelName, 'wasm'))
      tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: call => kernel(call as unknown as Call),
    });
  };
  const builtInInput = tf.getKernel('Conv2DBackpropInput', 'wasm')?.kernelFunc;
  const builtInProduct = tf.getKernel('BatchMatMul', 'wasm')?.kernelFunc;
  add('Conv2DBackpropFilter', call => filterGradient(tf, call));
  add(
    'Conv2DBackpropInput',
    call =>
      inputGradient(tf, call) ?? (builtInInput!(call as never) as TensorInfo),
  );
  add('BatchMatMul', call => product(tf, call, builtInProduct!));
  add('MaxPoolGrad', call => maxPoolGradient(tf, call));
}

// Wrapping adds no reference of its own, so one is added: else tidy frees data that others hold.
function wrap(tf: Core, info: TensorInfo, backend: any): Tensor4D {
  backend.incRef(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info) as Tensor4D;
}

function inTidy(tf: Core, backend: any, work: () => Tensor4D): TensorInfo {
  const result = tf.tidy(work);
  backend.incRef(result.dataId);
  const info = {
    dataId: result.dataId,
    shape: result.shape,
    dtype: result.dtype,
  };
  result.dispose();
  return info;
}

type Pads = { top: number; bottom: number; left: number; right: number };

// Input channels stand in for the batch: the gradient of a filter is a convolution of the input with the output's gradient.
function filterGradient(
  tf: Core,
  { inputs, attrs, backend }: Call,
): TensorInfo {
  const { x, dy } = inputs;
  const { strides, pad, dimRoundingMode, filterShape } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo as Pads;
  const [kh, kw, channels, filters] = filterShape as [
    number,
    number,
    number,
    number,
  ];
  return inTidy(tf, backend, () => {
    const turned = tf.transpose(wrap(tf, x, backend), [3, 1, 2, 0]);
    const padded =
      top + bottom + left + right === 0
        ? turned
        : tf.pad(turned, [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
          ]);
    const filter = tf.transpose(
      wrap(tf, dy, backend),
      [1, 2, 0, 3],
    ) as Tensor4D;
    const all = tf.conv2d(padded as Tensor4D, filter, 1, 'valid', 'NHWC', [
      info.strideHeight,
      info.strideWidth,
    ]);
    const cut = tf.slice(all, [0, 0, 0, 0], [channels, kh, kw, filters]);
    return tf.transpose(cut, [1, 2, 0, 3]) as Tensor4D;
  });
}

// For stride 1: a convolution of the output's gradient with the filter turned round and its channels swapped.
function inputGradient(
  tf: Core,
  { inputs, attrs, backend }: Call,
): TensorInfo | undefined {
  const { dy, filter } = inputs;
  const { strides, pad, inputShape, dimRoundingMode } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filter.shape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  if (info.strideHeight !== 1 || info.strideWidth !== 1) return undefined;
  const { top, bottom, left, right } = info.padInfo as Pads;
  const [kh, kw] = filter.shape;
  return inTidy(tf, backend, () => {
    const turned = tf.transpose(
      tf.reverse(wrap(tf, filter, backend), [0, 1]),
      [0, 1, 3, 2],
    ) as Tensor4D;
    const padded = tf.pad(wrap(tf, dy, backend), [
      [0, 0],
      [kh - 1 - top, kh - 1 - bottom],
      [kw - 1 - left, kw - 1 - right],
      [0, 0],
    ]) as Tensor4D;
    return tf.conv2d(padded, turned, 1, 'valid');
  });
}

// The built-in product is quick only when neither side is transposed.
function product(
  tf: Core,
  { inputs, attrs, backend }: Call,
  builtIn: (call: never) => unknown,
): TensorInfo {
  const { a, b } = inputs;
  const { transposeA, transposeB } = attrs;
  const plain = (left: TensorInfo, right: TensorInfo) =>
    builtIn({
      inputs: { a: left, b: right },
      attrs: { transposeA: false, transposeB: false },
      backend,
    } as never) as TensorInfo;
  if (!transposeA && !transposeB) return plain(a, b);
  const swapped = [...a.shape.keys()]
    .slice(0, -2)
    .concat(a.shape.length - 1, a.shape.length - 2);
  return inTidy(tf, backend, () => {
    const left = transposeA
      ? tf.transpose(wrap(tf, a, backend), swapped)
      : wrap(tf, a, backend);
    const right = transposeB
      ? tf.transpose(wrap(tf, b, backend), swapped)
      : wrap(tf, b, backend);
    return tf.engine().makeTensorFromTensorInfo(plain(left, right)) as Tensor4D;
  });
}

// Each gradient goes to the first place of its window that holds the largest value.
function maxPoolGradient(
  tf: Core,
  { inputs, attrs, backend }: Call,
): TensorInfo {
  const { dy, input, output } = inputs;
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const result = backend.makeOutput(input.shape, 'float32');
  const [values, tops, gradients, out] = [input, output, dy, result].map(
    item => backend.typedArrayFromHeap(item) as Float32Array,
  );
  out.fill(0);
  const {
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    strideHeight,
    strideWidth,
    filterHeight,
    filterWidth,
  } = info;
  const { top, left } = info.padInfo as Pads;
  for (let n = 0, at = 0; n < batchSize; n++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let c = 0; c < inChannels; c++, at++) {
          const place = firstPlace(
            oy * strideHeight - top,
            ox * strideWidth - left,
            n,
            c,
            tops[at],
          );
          if (place >= 0) out[place] += gradients[at];
        }
  return result;

  function firstPlace(
    fromY: number,
    fromX: number,
    n: number,
    c: number,
    wanted: number,
  ): number {
    for (
      let y = Math.max(0, fromY);
      y < Math.min(inHeight, fromY + filterHeight);
      y++
    )
      for (
        let x = Math.max(0, fromX);
        x < Math.min(inWidth, fromX + filterWidth);
        x++
      ) {
        const place = ((n * inHeight + y) * inWidth + x) * inChannels + c;
        if (values[place] === wanted) return place;
      }
    return -1;
  }
}
