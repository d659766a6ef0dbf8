import java.lang.annotation.ElementType
import java.lang.annotation.Target

/** `@Library('ecr-push') _`: here the library is there anyway. */
@Target([ElementType.LOCAL_VARIABLE, ElementType.TYPE, ElementType.FIELD])
@interface Library {

    String[] value()

}
