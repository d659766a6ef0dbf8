import java.nio.file.AccessDeniedException
import java.nio.file.Files

/**
 * An agent: whose process keeps files and starts commands. This one is the harness' own process, under the name
 * of the scenario's user: what it writes belongs to that user.
 */
class Agent {

    protected final Build build

    Agent(Build build) { this.build = build }

    /** Of the agent's process: what is in it is not handed on to containers. */
    Map<String, String> getEnvironment() { build.scenario.agent as Map<String, String> }

    /** uid:gid, empty where it is the harness' own. */
    String getUser() { build.scenario.user ?: '' }

    /** Where `sh` runs; null is here, beside the agent. */
    Container getContainer() { null }

    void makeFolder(File folder) {
        if (folder.directory) {
            return
        }
        File first = folder
        while (!first.parentFile.directory) {
            first = first.parentFile
        }
        folder.mkdirs()
        own(first)
    }

    void write(File file, byte[] content) {
        makeFolder(file.parentFile)
        mustBeWritable(file.parentFile)
        file.bytes = content
        own(file)
    }

    /** The harness may write anywhere; the user whose name it goes by may not. */
    private void mustBeWritable(File folder) {
        boolean others = (Files.getAttribute(folder.toPath(), 'unix:mode') as int) & 0002
        if (user && !others && "${Files.getAttribute(folder.toPath(), 'unix:uid')}" != user.tokenize(':')[0]) {
            throw new AccessDeniedException(folder.path)
        }
    }

    String read(File file) { file.getText('UTF-8') }

    void own(File file) {
        if (user) {
            run(['chown', '-hR', user, file.path])
        }
    }

    /** What a command of the agent's own says. */
    protected String run(List<String> words, byte[] input = new byte[0]) {
        ProcessBuilder builder = new ProcessBuilder(words*.toString())
        builder.environment().clear()
        builder.environment().putAll(build.scenario.agent as Map<String, String>)
        Process process = builder.start()
        StringBuilder errors = new StringBuilder()
        Thread reading = process.consumeProcessErrorStream(errors)
        process.outputStream.withStream { OutputStream to -> to.write(input) }
        String said = process.inputStream.getText('UTF-8')
        int code = process.waitFor()
        reading.join()
        if (code) {
            throw new IOException("${words.take(3).join(' ')} …: ${errors.toString().trim()} ${said.trim()}")
        }
        return said
    }

}
