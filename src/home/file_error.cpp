#include "home/file_error.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace venturi {

Error file_error(int code, std::string_view doing, const std::filesystem::path& path) {
  Error error;
  error.where = path.string();
  error.what = std::string(doing) + ": ";
  switch (code) {
    case EROFS:
      error.kind = ErrorKind::denied;
      error.what += "the file system is read-only";
      error.hint = "set VENTURI_HOME to a folder on a file system that can be written";
      break;
    case EACCES:
    case EPERM:
      error.kind = ErrorKind::denied;
      error.what += "permission denied";
      error.hint = "look at its owner with: ls -ld " + shell_word(path.string());
      break;
    case ENOSPC:
      error.kind = ErrorKind::exhausted;
      error.what += "the disk is full";
      error.hint = "see what is left with: df -h " + shell_word(path.parent_path().string());
      break;
    case EDQUOT:
      error.kind = ErrorKind::exhausted;
      error.what += "the disk quota of this user is used up";
      break;
    case EMFILE:
    case ENFILE:
      error.kind = ErrorKind::exhausted;
      error.what += "too many open files";
      error.hint = "raise the limit: ulimit -n";
      break;
    case ENOENT:
      error.kind = ErrorKind::not_found;
      error.what += "it does not exist";
      break;
    case ENOTDIR:
      error.kind = ErrorKind::invalid;
      error.what += "a part of the path is a file, not a folder";
      break;
    default:
      error.kind = ErrorKind::unavailable;
      error.what += std::generic_category().message(code);
  }
  return error;
}

std::string shell_word(std::string_view text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '-' ||
           c == '_';
  });
  if (plain) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace venturi
