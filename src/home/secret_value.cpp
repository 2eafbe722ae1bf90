#include "home/secret_value.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>

#include "home/small_file.h"

namespace venturi {
namespace {

constexpr std::size_t longest = std::size_t{64} << 10;

Result<std::string> output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return fail(ErrorKind::unavailable, "the command cannot be started", command);
  std::string out;
  std::array<char, 4096> piece{};
  for (std::size_t got = 1; got > 0 && out.size() <= longest;) {
    got = std::fread(piece.data(), 1, piece.size(), pipe);
    out.append(piece.data(), got);
  }
  const int status = ::pclose(pipe);
  if (out.size() > longest) return fail(ErrorKind::invalid, "the command prints too much for a secret", command);
  if (status != 0) {
    return fail(ErrorKind::invalid,
                WIFEXITED(status) ? "the command ended with " + std::to_string(WEXITSTATUS(status)) : "the command was killed",
                command);
  }
  return out;
}

}  // namespace

SecretName secret_name(std::string_view dotted) {
  if (dotted.ends_with("_cmd")) return {std::string(dotted.substr(0, dotted.size() - 4)), SecretForm::command};
  if (dotted.ends_with("_file")) return {std::string(dotted.substr(0, dotted.size() - 5)), SecretForm::file};
  return {std::string(dotted), SecretForm::plain};
}

Result<std::string> read_secret_value(SecretForm form, const std::string& text) {
  if (form == SecretForm::plain) return text;
  std::string value;
  if (form == SecretForm::command) {
    auto out = output_of(text);
    if (!out) return out;
    value = std::move(*out);
  } else {
    auto content = read_small_file(text, longest);
    if (!content) return std::unexpected(std::move(content.error()));
    if (!*content) return fail(ErrorKind::not_found, "there is no such file", text);
    value = std::move(**content);
  }
  value.erase(value.find_last_not_of(" \t\r\n") + 1);
  return value;
}

}  // namespace venturi
