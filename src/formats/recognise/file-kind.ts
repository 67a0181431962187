/** The kinds of files that the lab opens as a model. */
export type FileKind =
  | 'keras-zip'
  | 'hdf5'
  | 'safetensors'
  | 'torch-zip'
  | 'torch-legacy'
  | 'torch-tar'
  | 'onnx'
  | 'tfjs'
  | 'keras-config'
  | 'keras-yaml'
  | 'preset';
