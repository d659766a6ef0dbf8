/** Where a step runs: one for each branch of `parallel`, `dir` and `withEnv`, and for each container. */
class Context {

    final String folder
    final Map<String, String> variables
    final Agent agent
    /** Where `sh` runs; null is beside the agent. */
    final Container container

    Context(String folder, Map<String, String> variables, Agent agent, Container container = null) {
        this.folder = folder
        this.variables = variables
        this.agent = agent
        this.container = container
    }

    Context at(String folder) { new Context(folder, variables, agent, container) }

    /** An empty value removes a variable: EnvVars.override of Jenkins. */
    Context with(Map<String, String> more) {
        new Context(folder, (variables + more).findAll { name, value -> value != '' }, agent, container)
    }

    Context into(Container container) { new Context(folder, variables, agent, container) }

    Context of(Agent agent) { new Context(folder, variables, agent, agent.container) }

    File file(String path) {
        File given = new File(path)
        return given.absolute ? given : new File(folder, path)
    }

}
