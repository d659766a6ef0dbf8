package org.jenkinsci.plugins.workflow.steps

/** How Jenkins ends what runs when a build is aborted or its time is up. */
class FlowInterruptedException extends InterruptedException {

    FlowInterruptedException(String message) { super(message) }

}
