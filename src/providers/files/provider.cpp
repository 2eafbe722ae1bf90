// Files of this machine.
#include "operators/registry.h"
#include "providers/files/files.h"

namespace venturi::providers {

void register_files(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"files", "Files: copies, moves, deletions, lists", "providers/files.md"});
  using operators::ArgumentType;
  using operators::OperatorEntry;
  using operators::templated;
  using operators::templated_path;
  const std::vector<operators::Argument> two{templated({"source", ArgumentType::string, true}),
                                             templated({"destination", ArgumentType::string, true}),
                                             {"overwrite", ArgumentType::boolean}};
  registry.add(OperatorEntry{.task_type = "CopyFileOperator", .arguments = two, .move = copy_file});
  registry.add(OperatorEntry{.task_type = "MoveFileOperator", .arguments = two, .move = move_file});
  registry.add(OperatorEntry{.task_type = "CompressFileOperator",
                             .arguments = {templated({"source", ArgumentType::string, true}),
                                           templated({"destination", ArgumentType::string}),
                                           {"compression", ArgumentType::string},
                                           {"level", ArgumentType::integer},
                                           {"overwrite", ArgumentType::boolean}},
                             .move = compress_file});
  registry.add(OperatorEntry{.task_type = "DecompressFileOperator",
                             .arguments = {templated({"source", ArgumentType::string, true}),
                                           templated({"destination", ArgumentType::string}),
                                           {"compression", ArgumentType::string},
                                           {"overwrite", ArgumentType::boolean}},
                             .move = decompress_file});
  registry.add(OperatorEntry{.task_type = "DeleteFileOperator",
                             .arguments = {templated({"path", ArgumentType::string, true}),
                                           {"recursive", ArgumentType::boolean},
                                           {"missing_ok", ArgumentType::boolean}},
                             .move = delete_file});
  registry.add(
      OperatorEntry{.task_type = "ListFilesOperator",
                    .arguments = {templated_path({"path", ArgumentType::string, true}), {"recursive", ArgumentType::boolean}},
                    .move = list_files});
  registry.add(OperatorEntry{.task_type = "MakeDirectoryOperator",
                             .arguments = {templated({"path", ArgumentType::string, true})},
                             .move = make_directory});
}

}  // namespace venturi::providers
