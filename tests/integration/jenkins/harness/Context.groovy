/** Where a step runs: one for each branch of `parallel`, `dir` and `withEnv`. */
class Context {

    final String folder
    final Map<String, String> variables

    Context(String folder, Map<String, String> variables) {
        this.folder = folder
        this.variables = variables
    }

    Context at(String folder) { new Context(folder, variables) }

    Context with(Map<String, String> more) { new Context(folder, variables + more) }

    File file(String path) {
        File given = new File(path)
        return given.absolute ? given : new File(folder, path)
    }

}
