// Files on the worker's machine: copy, move, compress, delete, list, make a folder. Movers: they may take long, and block
// nobody.
//
//   CopyFileOperator       source, destination, overwrite (true)   the copy appears under its name when it is complete
//   MoveFileOperator       the same; within one file system a rename
//   CompressFileOperator   source, destination (.gz behind the source's name), compression (gzip), level (6), overwrite (true)
//   DecompressFileOperator source, destination (the source's name without .gz), compression, overwrite
//   DeleteFileOperator     path (a pattern with * ? [] where it has one), recursive (false: folders have to be empty),
//                          missing_ok (false)
//   MakeDirectoryOperator  path, with the folders above it; one that is there already is fine
//
//   ListFilesOperator      path (a pattern), recursive (false: ** is *): the files that fit it, no folders
//
// Paths are absolute. A destination that is a folder gets the file under its own name.
#pragma once

#include "operators/registry.h"

namespace venturi::providers {

// The XCom: the path that was written; of a deletion how many files and folders, of a list the paths.
[[nodiscard]] Value copy_file(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value move_file(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value compress_file(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value decompress_file(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value delete_file(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value list_files(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value make_directory(operators::MoverTry& t, const operators::Arguments& arguments);

}  // namespace venturi::providers
