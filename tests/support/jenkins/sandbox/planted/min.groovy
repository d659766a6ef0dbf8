// staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods min java.lang.Iterable
[1, 2].min()
