import hudson.AbortException

/**
 * A script in a container, as the durable-task plugin has it: the agent writes it into a folder beside the
 * workspace; a shell that outlives its start runs it there with `sh -xe`, and leaves its log and its exit code in
 * the same folder; the agent looks for these. So the folder must be the same for both, and both users must get
 * at it. Left out is the heartbeat, by which Jenkins notices that a task is lost.
 */
class DurableTask {

    private static final int LOOK_MILLISECONDS = 20
    private static final int SECONDS = 150

    private final Build build
    private final Container container
    private final File folder
    private final String cookie = "durable-${UUID.randomUUID()}"

    DurableTask(Build build, Container container, String temporary) {
        this.build = build
        this.container = container
        this.folder = new File(temporary, "durable-${UUID.randomUUID().toString().take(8)}")
    }

    /** [code, output] */
    Map run(Map given, Map<String, String> variables) {
        build.here.agent.write(new File(folder, 'script.sh'), (given.script as String).getBytes('UTF-8'))
        Closure kill = { container.kill(cookie) }
        build.kills << kill
        try {
            container.launch(command(given.returnStdout as boolean), build.here.folder, variables + [(Container.COOKIE): 'none'])
            int code = follow()
            return [code: code, output: given.returnStdout ? new File(folder, 'output').getText('UTF-8') : '']
        } finally {
            build.kills.remove(kill)
            folder.deleteDir()
        }
    }

    private List<String> command(boolean capturing) {
        String here = folder.path
        String sinks = capturing ? ">'${here}/output' 2>'${here}/log'" : ">'${here}/log' 2>&1"
        // Not in any argv, where `ps` would take it for an environment.
        String task = "id=${cookie}; ${Container.COOKIE}=\$id sh -xe '${here}/script.sh' ${sinks}; " +
            "echo \$? >'${here}/code.new'; mv '${here}/code.new' '${here}/code'"
        return ['nohup', 'sh', '-c', "(${task}) >&- 2>&- &"]
    }

    /** Shows the log as it grows; the script's exit code once it is there. */
    private int follow() {
        File code = new File(folder, 'code')
        File log = new File(folder, 'log')
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L
        int shown = 0
        boolean ended = false
        while (!ended) {
            ended = code.exists()
            byte[] all = log.exists() ? log.bytes : new byte[0]
            int end = ended ? all.length : lastLineBreak(all) + 1
            if (end > shown) {
                new String(all, shown, end - shown, 'UTF-8').readLines().each { String line -> build.log(line) }
                shown = end
            }
            if (!ended && System.nanoTime() > deadline) {
                throw new AbortException("the script in ${folder} does not end")
            }
            Thread.sleep(ended ? 0 : LOOK_MILLISECONDS)
        }
        return code.text.trim() as int
    }

    private static int lastLineBreak(byte[] all) {
        int at = all.length - 1
        while (at >= 0 && all[at] != (byte) '\n') {
            at--
        }
        return at
    }

}
