import { LabError, quote } from '../../math/lab-error.ts';

/** Python's modules that checkpoints have no use for, and that a pickle names to make a program do something. */
const FORBIDDEN = new Set(
  `os posix posixpath nt ntpath subprocess sys importlib runpy pty shutil socket socketserver ctypes codeop popen2 timeit pdb bdb cProfile webbrowser multiprocessing threading _thread thread asyncio concurrent http
  urllib urllib2 urllib3 requests httplib aiohttp ftplib smtplib ssl pickle _pickle cPickle pickletools marshal shelve dill
  cloudpickle joblib operator _operator inspect gc signal tempfile io _io glob fileinput sysconfig idlelib pip
  setuptools distutils pkg_resources ensurepip venv lib2to3 doctest itertools atexit sched resource fcntl select
  selectors zipimport zipfile tarfile pkgutil pydoc rlcompleter compileall py_compile linecache cffi
  xmlrpc telnetlib nntplib poplib imaplib cgi readline mmap winreg _winapi msvcrt pexpect paramiko
  sqlite3 dbm curses turtle tkinter functools.reduce types.FunctionType types.CodeType types.LambdaType types.MethodType
  torch.hub torch.utils.cpp_extension torch.jit torch.serialization.load torch.load torch.package torch.multiprocessing torch.distributed.rpc
  numpy.testing numpy.f2py numpy.distutils numpy.load numpy.fromfile numpy.memmap`.split(/\s+/),
);

const BUILTINS = new Set(['builtins', '__builtin__', '__builtins__']);

/** What of Python's builtins is only a kind of value. `getattr` is understood as the name it gives. */
const HARMLESS = new Set(
  'set frozenset list dict tuple bytearray bytes complex int long float str unicode bool object slice range xrange type NoneType getattr'.split(
    ' ',
  ),
);

/** Whether naming this is reason enough to refuse the file. Any part of a dotted name counts: __main__ os.system reaches os as well. */
export function isForbidden(module: string, name: string): boolean {
  if (BUILTINS.has(module)) return !HARMLESS.has(name);
  const parts = name.split('.');
  if (
    FORBIDDEN.has(`${module}.${parts[0]}`) ||
    parts.slice(0, -1).some((part) => FORBIDDEN.has(part) || BUILTINS.has(part))
  )
    return true;
  const packages = module.split('.');
  return packages.some((_, at) => FORBIDDEN.has(packages.slice(0, at + 1).join('.')));
}

export function refuseCall(name: string): LabError {
  return new LabError({
    problem: `unpickling this file would call ${quote(name, 120)}, and the lab runs nothing that a file holds.`,
    hint: /^(keras|tf_keras|tensorflow)\./.test(name)
      ? 'it is a pickled Keras model: if you trust it, load it in Python and save it with model.save("model.keras").'
      : 'if you trust the file, open it in PyTorch and save the model’s state_dict() with safetensors.torch.save_file.',
  });
}
