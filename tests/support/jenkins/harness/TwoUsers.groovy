/**
 * The agent is one user, and `sh` another: as in a pod whose container runs as root. Files, folders and reports
 * are the agent's.
 */
class TwoUsers extends Steps {

    TwoUsers(Build build, Map<String, Object> vars) { super(build, vars) }

    @Override
    void writeFile(Map given) {
        asAgent('mkdir -p "$(dirname "$0")" && cat >"$0"', given.file as String, given.text as String)
    }

    /** Whatever is in it is going to be read. */
    @Override
    Object dir(String path, Closure body) {
        asAgent('mkdir -p "$0" && find "$0" -maxdepth 1 -type f -exec cat {} + >/dev/null', path)
        return super.dir(path, body)
    }

    private void asAgent(String script, String path, String input = '') {
        String user = build.scenario.agentUser
        Process process = ['setpriv', "--reuid=${user}", "--regid=${user}", '--clear-groups',
            'sh', '-c', "umask 022; ${script}", path]*.toString().execute()
        StringBuilder said = new StringBuilder()
        process.consumeProcessErrorStream(said)
        process.outputStream.withStream { OutputStream to -> to.write(input.getBytes('UTF-8')) }
        if (process.waitFor()) {
            throw new IOException(said.toString())
        }
    }

}
