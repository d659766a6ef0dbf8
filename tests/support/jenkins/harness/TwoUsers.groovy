/**
 * The agent is one user, and `sh` another: as in a pod whose container runs as root. Files, folders and reports
 * are the agent's.
 */
class TwoUsers extends Steps {

    TwoUsers(Build build, Map<String, Object> vars) { super(build, vars) }

    @Override
    protected void write(String path, byte[] content) {
        asAgent('mkdir -p "$(dirname "$0")" && cat >"$0"', path, content)
    }

    /** Whatever is in it is going to be read. */
    @Override
    Object dir(String path, Closure body) {
        asAgent('mkdir -p "$0" && find "$0" -maxdepth 1 -type f -exec cat {} + >/dev/null', path)
        return super.dir(path, body)
    }

    private void asAgent(String script, String path, byte[] input = new byte[0]) {
        String user = build.scenario.agentUser
        Process process = ['setpriv', "--reuid=${user}", "--regid=${user}", '--clear-groups',
            'sh', '-c', "umask 022; ${script}", path]*.toString().execute()
        StringBuilder said = new StringBuilder()
        process.consumeProcessErrorStream(said)
        process.outputStream.withStream { OutputStream to -> to.write(input) }
        if (process.waitFor()) {
            throw new IOException(said.toString())
        }
    }

}
