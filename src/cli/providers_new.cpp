// `providers new`: a provider from the skeleton in src/providers. CONTRIBUTING.md says what becomes of each file.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/handlers.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* skeleton = "src/providers/skeleton";  // what it is made of, under the paths that it gets

// In it @name@ is the folder's, @Name@ what names of classes begin with.
std::string with_names(std::string_view text, const std::string& name) {
  std::string words;  // amazon_s3: AmazonS3
  bool begins = true;
  for (const char c : name) {
    if (c != '_') words += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '_';
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto puts = [&](std::string_view mark, const std::string& value) {
      if (!text.substr(at).starts_with(mark)) return false;
      out += value;
      at += mark.size();
      return true;
    };
    if (!puts("@name@", name) && !puts("@Name@", words)) out += text[at++];
  }
  return out;
}

bool is_name(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

Result<int> providers_new(const Arguments& arguments) {
  const std::string name = arguments.text("provider_name");
  if (!is_name(name)) {
    return fail(ErrorKind::invalid, fmt::format("'{}' cannot be the name of a provider's folder", name), "",
                "take lower-case letters, digits and _, a letter first: amazon_s3");
  }
  if (!fs::is_directory(skeleton)) {
    return fail(ErrorKind::not_found, fmt::format("there is no {} here", skeleton), "",
                "run it in the root of Venturi's sources, where CONTRIBUTING.md is");
  }
  std::vector<std::pair<fs::path, std::string>> files;  // sorted by path
  for (const auto& entry : fs::recursive_directory_iterator(skeleton)) {
    if (entry.path().extension() != ".in") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    files.emplace_back(with_names(fs::relative(entry.path(), skeleton).replace_extension().string(), name),
                       with_names(text, name));
  }
  std::ranges::sort(files);
  for (const auto& [path, text] : files) {
    if (fs::exists(path))
      return fail(ErrorKind::conflict, path.string() + " is there already", "", "take another name; nothing was written");
  }
  for (const auto& [path, text] : files) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
      return fail(ErrorKind::unavailable, "cannot write " + path.string() + (error ? ": " + error.message() : ""), "",
                  "what was written before it is still there");
    }
    print(path.string() + "\n");
  }
  print_note("now: make format; scripts/build release providers_tests venturi; scripts/yaml-tables; scripts/excerpts");
  return exit_done;
}

}  // namespace venturi::cli
