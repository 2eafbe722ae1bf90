// `plugins`: what is no part of the programs, and is made on the machine where it runs.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/home.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

// There is one so far. Its files are installed as share/venturi/plugins/NAME.
struct Plugin {
  std::string_view name, description, library, in_sources;
};
constexpr std::array plugins{Plugin{"parquet", "Parquet files, on the Arrow of a pyarrow wheel", "venturi-parquet.so",
                                    VENTURI_BUILD_TREE_PARQUET_PLUGIN}};

fs::path prefix() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : self.parent_path().parent_path();
}

std::string version_in(const fs::path& folder) {
  std::ifstream file(folder / "version");
  std::string version;
  std::getline(file, version);
  return version;
}

}  // namespace

Result<int> plugins_list(const Arguments& arguments) {
  const auto home = home_path();
  if (!home) return std::unexpected(home.error());
  Rows rows{{"name", "description", "version", "path"}, {}};
  for (const Plugin& plugin : plugins) {
    // As providers/parquet/plugin.cpp looks for it.
    fs::path there;
    for (const fs::path& folder : {*home / "plugins", prefix() / "lib/venturi/plugins"}) {
      if (there.empty() && fs::exists(folder / plugin.name / plugin.library)) there = folder / plugin.name;
    }
    rows.rows.push_back({plugin.name, plugin.description, there.empty() ? Value() : Value(version_in(there)),
                         there.empty() ? Value() : Value(there.string())});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> plugins_install(const Arguments& arguments) {
  const std::string name = arguments.text("plugin_name");
  const Plugin& plugin = plugins.front();  // the argument is a choice
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  fs::path script = prefix() / "share/venturi/plugins" / name / "install";
  if (!fs::exists(script)) script = fs::path(plugin.in_sources) / "install";
  if (!fs::exists(script)) {
    return fail(ErrorKind::not_found, "the source of the plugin is not there", script.string(),
                "install Venturi anew: it is part of it");
  }
  const std::string target = arguments.has("target") ? arguments.text("target") : (opened->home.root / "plugins").string();
  if (arguments.has("pyarrow")) ::setenv("VENTURI_PYARROW", arguments.text("pyarrow").c_str(), 1);
  if (!opened->config.text("compiler.command").empty() && std::getenv("CXX") == nullptr)
    ::setenv("CXX", opened->config.text("compiler.command").c_str(), 1);
  // It takes this process over: what it says and how it ends is the command's.
  ::execl(script.c_str(), script.c_str(), target.c_str(), nullptr);
  return fail(ErrorKind::unavailable, std::string("cannot start the plugin's script: ") + std::strerror(errno),
              script.string());
}

}  // namespace venturi::cli
